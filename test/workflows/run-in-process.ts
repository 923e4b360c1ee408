import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../src/workflows/types.ts';

const script = fileURLToPath(new URL('./run-process.ts', import.meta.url));

/** What a process printed: a run, when it took up its work, and how often it wrote to the journal. */
export interface EndedRun extends Run {
  readonly begun: number;
  readonly writes: number;
}

/** Runs the process of `run-process.ts` to its end; what it printed, or nothing when it was killed. */
export function runInProcess(
  directory: string,
  effects: string,
  mode: 'start' | 'recover',
  killAt = '',
  settings = '{}',
): Promise<EndedRun | undefined> {
  const child = spawn(process.execPath, [script, directory, effects, mode, killAt, settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (_code, signal) => resolve(signal === 'SIGKILL' ? undefined : JSON.parse(output)));
  });
}
