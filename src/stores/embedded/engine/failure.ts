import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, HydrogenError, partsOf } from '../../../errors.ts';
import { tooManyOpenFiles } from '../../../file-errors.ts';
import type { ThreadError } from './messages.ts';

const diskFull =
  'The disk of the data directory is full. Nothing was changed; free some space and try again: no restart is needed.';
/** I/O errors and files that cannot be opened: the system error may say more about the cause. */
const unspecific: ReadonlySet<number | undefined> = new Set([10, 14]);
const fewBytes = 256 * 1024;

function fullDisk(directory: string): string | undefined {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(directory);
    return bavail * bsize < fewBytes || (files > 0 && ffree === 0) ? diskFull : undefined;
  } catch {
    return undefined;
  }
}

/** SQLite's primary result codes that a person can act on. Source: https://sqlite.org/rescode.html */
const advice: Readonly<Record<number, string>> = {
  7: 'The embedded store ran out of memory. Ask for less at a time, or close other programs, and try again.',
  8: 'The data directory cannot be written to: check the owner and permissions of its files, or set another with HYDROGEN_DATA_DIR.',
  10: 'The data directory could not be read or written: check the disk and its free space.',
  11: 'The store file is damaged. Restore a copy of the data directory, or start a new one with HYDROGEN_DATA_DIR.',
  13: diskFull,
  14: 'The store file cannot be opened: check the permissions of the data directory and its files, or set another with HYDROGEN_DATA_DIR.',
  26: 'The store file is not one of this program, or is damaged. Set another data directory with HYDROGEN_DATA_DIR.',
};

/**
 * A failure on a store thread, in words that may be shown, with details for the log.
 * @param file of the store
 */
export function failureOf(error: unknown, file: string): ThreadError {
  if (error instanceof HydrogenError) return partsOf(error);
  const stack = error instanceof Error ? error.stack : String(error);
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  const machine = unspecific.has(code) ? (tooManyOpenFiles(error) ?? fullDisk(dirname(file))) : undefined;
  const known = machine ?? (code === undefined ? undefined : advice[code]);
  const shown: { code: ErrorCode; message: string } =
    known === undefined
      ? {
          code: 'internal',
          message: 'The embedded store failed. Try again; `hydrogen doctor` shows what is wrong.',
        }
      : { code: 'unavailable', message: known };
  return { ...shown, suggestions: [], lacksAdvice: false, ...(stack !== undefined && { stack }) };
}
