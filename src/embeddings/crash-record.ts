import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeFileNow, renameFileNow } from '../busy-files.ts';
import { machineKey } from './machine.ts';
import type { ModelRequest } from './messages.ts';

/** Records that a model's native code crashed here: it is not run again before `until`. */
export interface CrashRecord {
  /** What happened, as a sentence. */
  readonly reason: string;
  /** When it may be tried again, in ms since 1970. */
  readonly until: number;
}

/** Longer than any crash is remembered, ms: a later time means that the clock was wrong. */
const maxAheadMs = 30 * 24 * 3_600_000;

/** One record per machine and model, so that servers with different ones do not overwrite each other. */
const fileOf = (directory: string, model: ModelRequest): string =>
  join(directory, `crashed-${machineKey(model)}.json`);

/** The record if it is still valid. Small and local, so read synchronously. */
export function readCrash(directory: string, model: ModelRequest): CrashRecord | undefined {
  try {
    const { reason, until } = JSON.parse(
      readFileSync(fileOf(directory, model), 'utf8'),
    ) as Partial<CrashRecord>;
    if (typeof reason !== 'string' || typeof until !== 'number') return undefined;
    const left = until - Date.now();
    if (left > 0 && left < maxAheadMs) return { reason, until };
  } catch {
    // Missing or unreadable: the model is tried.
  }
  return undefined;
}

/** Not `recursive`, which loops endlessly in a folder that allows no new ones, such as /proc. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  mkdirSync(directory, { mode: 0o700 });
}

/** Synchronous, since the process may be about to end. Throws file-system errors. */
export function rememberCrash(directory: string, model: ModelRequest, record: CrashRecord): void {
  makeDirectory(directory);
  const temporary = join(directory, `crashed.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
    renameFileNow(temporary, fileOf(directory, model));
  } finally {
    removeFileNow(temporary);
  }
}

export function forgetCrash(directory: string, model: ModelRequest): void {
  removeFileNow(fileOf(directory, model));
}
