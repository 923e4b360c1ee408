import { execFile } from 'node:child_process';
import { win32 } from 'node:path';
import { promisify } from 'node:util';

// Windows has no modes: who may read a file is in its list of access rights, which is asked for as SDDL, since the names that
// `icacls` prints differ by language
// (https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format).

/** A file or folder that others than its owner may read. */
export interface OpenPath {
  readonly path: string;
  /** Who, as Windows calls them in English, or by their id. */
  readonly who: readonly string[];
  /** The command that takes it from them. */
  readonly close: string;
}

/** Short forms of ids in SDDL. */
const ids: Readonly<Record<string, string>> = {
  ...{ SY: 'S-1-5-18', BA: 'S-1-5-32-544', WD: 'S-1-1-0', AU: 'S-1-5-11', BU: 'S-1-5-32-545' },
  ...{ BG: 'S-1-5-32-546', IU: 'S-1-5-4', NU: 'S-1-5-2', AN: 'S-1-5-7', PU: 'S-1-5-32-547' },
  ...{ OW: 'S-1-3-4', CO: 'S-1-3-0', AC: 'S-1-15-2-1', LS: 'S-1-5-19', NS: 'S-1-5-20' },
};

const names: ReadonlyMap<string, string> = new Map([
  ['S-1-1-0', 'Everyone'],
  ['S-1-5-11', 'Authenticated Users'],
  ['S-1-5-32-545', 'Users'],
  ['S-1-5-32-546', 'Guests'],
  ['S-1-5-32-547', 'Power Users'],
  ['S-1-5-4', 'Interactive'],
  ['S-1-5-2', 'Network'],
  ['S-1-5-7', 'Anonymous'],
]);

/** The system, Administrators (who may read everything), the owner, services, and apps, which act for their user. */
const trusted = /^S-1-(5-18|5-19|5-20|5-32-544|3-0|3-4|5-80-.*|15-.*|5-21-.*-500)$/;

const mayRead = /FA|FR|GA|GR|CC/;
/** FILE_READ_DATA, GENERIC_ALL and GENERIC_READ. */
const readBits = 0x1 | 0x1000_0000 | 0x8000_0000;

function reads(rights: string): boolean {
  if (!/^0x/i.test(rights)) return (rights.match(/../g) ?? []).some((right) => mayRead.test(right));
  return (Number.parseInt(rights, 16) & readBits) !== 0;
}

/**
 * Who, other than the user, the system and administrators, a security descriptor lets read. What it denies is not looked at:
 * somebody may be named who could not read all the same.
 * @param sddl with the access list (`D:`)
 * @param user id of the user
 * @returns ids
 */
export function readersIn(sddl: string, user: string): string[] {
  const [, list] = /D:([A-Z_]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))*)/.exec(sddl) ?? [];
  if (list === undefined || list.startsWith('NO_ACCESS_CONTROL')) return ['S-1-1-0'];
  const readers = [...list.matchAll(/\(([^()]*)/g)].flatMap(([, entry = '']) => {
    const [kind = '', , rights = '', , , who = ''] = entry.split(';');
    if (!['A', 'OA', 'XA'].includes(kind) || !reads(rights)) return [];
    const id = ids[who] ?? who;
    return id === user || who === 'LA' || trusted.test(id) ? [] : [id];
  });
  return [...new Set(readers)];
}

/** The command that leaves a file or folder to the user, the system and administrators. */
export function closeCommand(
  path: string,
  { isFolder, user, readers }: { isFolder: boolean; user: string; readers: readonly string[] },
): string {
  const all = isFolder ? '(OI)(CI)F' : 'F';
  const granted = [user, 'S-1-5-18', 'S-1-5-32-544'].map((id) => `"*${id}:${all}"`).join(' ');
  const removed = readers.map((id) => `"*${id}"`).join(' ');
  return `icacls "${path}" /inheritance:r /grant:r ${granted} /remove:g ${removed}`;
}

/** Prints the user, then for each path of the variable whether it is a folder, and its descriptor. */
const script = `
$ErrorActionPreference = 'Stop'
(whoami.exe /user /fo csv /nh | ConvertFrom-Csv -Header name, id).id
foreach ($path in $env:HYDROGEN_ASKED_PATHS -split '\\|') {
  try { $item = Get-Item -LiteralPath $path -Force; "$($item.PSIsContainer) $((Get-Acl -LiteralPath $path).Sddl)" } catch { '-' }
}`;

/** How long PowerShell may take, ms: its first start on a machine takes seconds. */
const askMs = 20_000;

/**
 * What the script printed, for these paths.
 * @throws where it did not say who the user is
 */
export function openPathsIn(output: string, paths: readonly string[]): OpenPath[] {
  const [user = '', ...lines] = output.split(/\r?\n/).map((line) => line.trim());
  if (!user.startsWith('S-1-')) throw new Error('Windows did not say who the user is');
  return paths.flatMap((path, i) => {
    const [, container, sddl] = /^(True|False) (.+)$/.exec(lines[i] ?? '') ?? [];
    if (sddl === undefined) return [];
    const readers = readersIn(sddl, user);
    if (readers.length === 0) return [];
    const close = closeCommand(path, { isFolder: container === 'True', user, readers });
    return [{ path, who: readers.map((id) => names.get(id) ?? id), close }];
  });
}

/**
 * Which of these files and folders others can read, on Windows; elsewhere none.
 * @throws where Windows cannot be asked, as where PowerShell is not allowed
 */
export async function openOnWindows(paths: readonly string[]): Promise<OpenPath[]> {
  if (process.platform !== 'win32' || paths.length === 0) return [];
  const asked = [...new Set(paths)];
  const system = process.env['SystemRoot'] ?? 'C:\\Windows';
  const powershell = win32.join(system, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const { stdout } = await promisify(execFile)(
    powershell,
    ['-NoProfile', '-NonInteractive', '-Command', script],
    {
      timeout: askMs,
      windowsHide: true,
      env: { ...process.env, HYDROGEN_ASKED_PATHS: asked.join('|') },
    },
  );
  return openPathsIn(stdout, asked);
}
