import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../../support/call.ts';

const source = fileURLToPath(new URL('./crash.c', import.meta.url));
const preload = new URL('./preload.ts', import.meta.url).href;

/** Why the stand-in cannot be made here, if so. */
export const noCompiler: string | undefined =
  process.platform === 'win32' || spawnSync('cc', ['--version']).status !== 0
    ? 'there is no C compiler (cc)'
    : undefined;

async function compiled(): Promise<string> {
  const file = join(await temporaryDirectory(), 'crash.so');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', file, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return file;
}

/** Where the native code of models crashes. */
export interface Machine {
  /** Of every process there. */
  readonly environment: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** A folder with one document, about alarms. */
  readonly folder: string;
  /** How often the library was loaded that crashes. */
  loads(): Promise<number>;
  /** From now on the runtime crashes when it has worked so often. */
  crashAfter(runs: number): Promise<void>;
}

/**
 * @param signal that the native code ends with; none where it hangs
 * @param isFit whether it works until `crashAfter`
 */
export async function machine(
  signal: 'SIGILL' | 'SIGSEGV' | 'SIGABRT' | undefined,
  isFit = false,
): Promise<Machine> {
  const directory = await temporaryDirectory();
  const [dataDir, folder, loads, flag] = ['data', 'docs', 'loads', 'flag'].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  await mkdir(folder);
  await writeFile(join(folder, 'alarms.md'), '# Alarms\n\nA sensor at the ceiling raises the alarm.\n');
  return {
    environment: {
      NODE_OPTIONS: `--import ${preload}`,
      NODE_NO_WARNINGS: '1',
      STAND_IN_LIBRARY: await compiled(),
      STAND_IN_SIGNAL: String(signal === undefined ? 0 : constants.signals[signal]),
      STAND_IN_LOADS: loads,
      ...(isFit && { STAND_IN_FLAG: flag }),
    },
    dataDir,
    folder,
    loads: async () => (await readFile(loads, 'utf8').catch(() => '')).length,
    crashAfter: (runs) => writeFile(flag, String(runs)),
  };
}
