import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where foreign packages are kept: they are no part of the project, and survive from one run to the next. */
function cacheFolder(name: string): string {
  const cache = process.env['HYDROGEN_CLIENTS'] ?? join(homedir(), '.cache/hydrogen-clients');
  return join(cache, name);
}

/**
 * A folder whose `node_modules` has these packages, each with its version.
 * @throws Error when npm cannot install them
 */
export async function installedByNpm(name: string, packages: readonly string[]): Promise<string> {
  const versions = packages.map((one) => one.slice(one.lastIndexOf('@') + 1)).join('+');
  const folder = cacheFolder(`${name}-${versions}`);
  const isDone = (): boolean =>
    packages.every((one) => existsSync(join(folder, 'node_modules', one.slice(0, one.lastIndexOf('@')))));
  if (isDone()) return folder;
  await mkdir(folder, { recursive: true });
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder];
  const { status } = spawnSync('npm', ['install', ...options, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm install ${packages.join(' ')} ended with ${status}`);
  return folder;
}
