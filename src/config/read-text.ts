import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf, fileTrouble } from '../file-errors.ts';

/** Nobody writes settings of this size by hand. */
const maxSettingsBytes = 1_000_000;
/** How long a pipe may take to deliver everything, ms. */
const maxWaitMs = 5_000;
const pauseMs = 20;

/** Blocks this thread, which has nothing else to do until the text has been read. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}

/**
 * The text of a file with settings, a secret or a command's input, or of a pipe such as a shell's `<(…)`. It is read
 * before anything else starts, so reading must not block indefinitely.
 * @throws the file system's error, or an error whose message completes "it is …"
 */
export function readText(path: string, maxBytes = maxSettingsBytes): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    if (!found.isFile() && !found.isFIFO()) throw new Error('neither a file nor a pipe');
    const until = Date.now() + maxWaitMs;
    const parts: Buffer[] = [];
    for (let length = 0; length <= maxBytes; ) {
      const part = Buffer.alloc(65_536);
      let bytes: number;
      try {
        bytes = readSync(file, part);
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN') throw error;
        if (Date.now() > until) throw new Error(`a pipe that did not end within ${maxWaitMs / 1_000} s`);
        pause();
        continue;
      }
      if (bytes === 0) return Buffer.concat(parts).toString('utf8');
      parts.push(part.subarray(0, bytes));
      length += bytes;
    }
    throw new Error('too large');
  } finally {
    closeSync(file);
  }
}

export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

/** Why a file could not be read by `readText`: follows "cannot be read:". */
export function whyUnreadable(error: unknown): string {
  if (isAbsent(error)) return 'there is no such file';
  const { reason = codeOf(error) } = fileTrouble(error) ?? {};
  return reason === '' && error instanceof Error ? `it is ${error.message}` : reason;
}
