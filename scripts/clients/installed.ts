import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where foreign packages are kept: they are no part of the project, and survive from one run to the next. */
const cache = process.env['HYDROGEN_CLIENTS'] ?? join(homedir(), '.cache/hydrogen-clients');

/**
 * Runs a program to its end. What it prints is shown where it fails.
 * @throws Error when it is not there or fails
 */
export async function run(
  command: string,
  args: readonly string[],
  cwd?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`);
  return output;
}

const filling = new Map<string, Promise<string>>();

/** A folder of that name, filled once: what is cut short is done again. */
function filledOnce(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const made = filling.get(name) ?? filled(name, fill);
  filling.set(name, made);
  return made;
}

async function filled(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(cache, name);
  const mark = join(folder, 'complete');
  if (existsSync(mark)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await fill(folder);
  const begun = join(folder, 'begun');
  await mkdir(begun);
  await rename(begun, mark);
  return folder;
}

/** A folder whose `node_modules` has the package in that version. */
export function installedByNpm(name: string, version: string): Promise<string> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  return filledOnce(`npm/${name}-${version}`, (folder) =>
    run('npm', ['install', ...options, '--prefix', folder, `${name}@${version}`]),
  );
}

/** A virtual environment of Python with the package in that version; its folder. */
export function installedByPip(name: string, version: string): Promise<string> {
  return filledOnce(`python/${name}-${version}`, async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', `${name}==${version}`]);
  });
}
