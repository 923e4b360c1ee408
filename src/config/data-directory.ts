import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, win32 } from 'node:path';
import envPaths from 'env-paths';

// Windows shows a packaged app (Claude Desktop from its installer or the Microsoft Store) and all that it starts another
// AppData than a terminal: what they write there goes to a folder of the package. So there the data directory is beside AppData.

/** What decides where the data directory is. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The usual place of systems other than Windows. */
  readonly elsewhere: string;
  readonly exists: (path: string) => boolean;
  /** Names in a folder; none where it cannot be read. */
  readonly list: (folder: string) => readonly string[];
}

/** Where data is, and where it could be. */
export interface DataDirectories {
  /** Where it is kept, if no setting says otherwise. */
  readonly used: string;
  /** Where a new one is made. */
  readonly usual: string;
  /** Those in which something is, at the places of earlier versions. */
  readonly earlier: readonly string[];
}

/** One of these is in every data directory that is used; the settings may be what restricts clients. */
const files = ['hydrogen.sqlite', 'hydrogen.json', 'keys.json'];

const localOf = ({ environment, home }: Machine): string =>
  environment['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local');

/** The places of earlier versions on Windows: as a terminal saw it, and as packaged apps did. */
function earlierPlaces(machine: Machine): string[] {
  const local = localOf(machine);
  const packages = win32.join(local, 'Packages');
  return [
    local,
    ...machine.list(packages).map((name) => win32.join(packages, name, 'LocalCache', 'Local')),
  ].map((folder) => win32.join(folder, 'hydrogen-mcp', 'Data'));
}

export function dataDirectoriesOf(machine: Machine): DataDirectories {
  const { platform, home, elsewhere, exists } = machine;
  if (platform !== 'win32') return { used: elsewhere, usual: elsewhere, earlier: [] };
  const usual = win32.join(home, '.hydrogen-mcp');
  const isUsed = (folder: string): boolean => files.some((name) => exists(win32.join(folder, name)));
  const earlier = earlierPlaces(machine).filter(isUsed);
  return { used: isUsed(usual) ? usual : (earlier[0] ?? usual), usual, earlier };
}

/** Whether a packaged app and a terminal see different folders under this path. */
export function isRedirected(
  path: string,
  machine: Pick<Machine, 'platform' | 'home' | 'environment'>,
): boolean {
  if (machine.platform !== 'win32') return false;
  const { environment, home } = machine;
  const roots = [
    environment['LOCALAPPDATA'],
    environment['APPDATA'],
    win32.join(home, 'AppData', 'Local'),
    win32.join(home, 'AppData', 'Roaming'),
  ];
  return roots.some((root) => {
    if (!root) return false;
    const inside = win32.relative(root, path);
    return inside !== '' && !inside.startsWith('..') && !win32.isAbsolute(inside);
  });
}

/** What is to be known of the place of the data directory. */
export interface PlaceFault {
  /** `apart`: a terminal and a packaged app see different ones; `another`: there is an earlier one besides. */
  readonly kind: 'apart' | 'another';
  readonly detail: string;
  readonly action: string;
}

/**
 * What is wrong with where the data directory is.
 * @param isChosen whether a setting says where it is: then others were left on purpose
 */
export function placeFault(path: string, isChosen: boolean, machine: Machine): PlaceFault | undefined {
  const { usual, earlier } = dataDirectoriesOf(machine);
  if (isRedirected(path, machine)) {
    return {
      kind: 'apart',
      detail: `${path} is in AppData, of which Windows shows a terminal and a packaged app (such as Claude Desktop) different copies: they may have two libraries`,
      action: isChosen
        ? `Stop every server, move the folder to ${usual}, and name that with HYDROGEN_DATA_DIR.`
        : `Stop every server and client, then: move "${path}" "${usual}"`,
    };
  }
  const others = isChosen ? [] : earlier.filter((folder) => folder !== path);
  if (others.length === 0) return undefined;
  const [other = ''] = others;
  return {
    kind: 'another',
    detail: `${path} is used, and there is an earlier one, which is not: ${others.join(', ')}`,
    action: `To use that one instead, stop every server and client, rename ${path}, then: move "${other}" "${path}". To join them, see what it has (hydrogen --data-dir "${other}" sources; collections), ingest and import the same here, and delete it.`,
  };
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The one that this process runs on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    environment: process.env,
    home: homedir(),
    elsewhere: envPaths('hydrogen-mcp', { suffix: '' }).data,
    exists: existsSync,
    list: listed,
  };
}

let found: string | undefined;

/** The usual place, where no setting names another; the same as long as the process runs. */
export function usualDataDirectory(): string {
  found ??= dataDirectoriesOf(thisMachine()).used;
  return found;
}

export function dataDirectoryOf({ dataDir }: { readonly dataDir?: string | undefined }): string {
  return dataDir ?? usualDataDirectory();
}

/** The settings that every command and every client on a data directory finds. */
export function settingsFileIn(dataDirectory: string): string {
  return join(dataDirectory, 'hydrogen.json');
}
