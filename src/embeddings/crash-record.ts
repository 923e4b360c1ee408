import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { machineKey } from './machine.ts';
import type { ModelRequest } from './messages.ts';

/** That a model's native code crashed here: it is not run again before a time. */
export interface CrashRecord {
  /** A sentence: what happened. */
  readonly reason: string;
  /** When it may be tried again, in ms since 1970. */
  readonly until: number;
}

/** Further ahead than any crash is remembered, ms: the clock was wrong then. */
const farAhead = 30 * 24 * 3_600_000;

/** One record a machine and model, so that servers with different ones do not take turns. */
const fileOf = (directory: string, model: ModelRequest): string =>
  join(directory, `crashed-${machineKey(model)}.json`);

/** The record that still counts. Small and local: read on the thread that asks. */
export function readCrash(directory: string, model: ModelRequest): CrashRecord | undefined {
  try {
    const { reason, until } = JSON.parse(
      readFileSync(fileOf(directory, model), 'utf8'),
    ) as Partial<CrashRecord>;
    if (typeof reason !== 'string' || typeof until !== 'number') return undefined;
    const left = until - Date.now();
    if (left > 0 && left < farAhead) return { reason, until };
  } catch {
    // There is none, or none that can be read: it is tried.
  }
  return undefined;
}

/** Not `recursive`: in a folder that takes no new ones, such as /proc, that runs for ever. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  mkdirSync(directory, { mode: 0o700 });
}

/** Written at once: the process may be about to end. Throws what the file system says. */
export function rememberCrash(directory: string, model: ModelRequest, record: CrashRecord): void {
  makeDirectory(directory);
  const temporary = join(directory, `crashed.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
    renameSync(temporary, fileOf(directory, model));
  } finally {
    rmSync(temporary, { force: true });
  }
}

export function forgetCrash(directory: string, model: ModelRequest): void {
  rmSync(fileOf(directory, model), { force: true });
}
