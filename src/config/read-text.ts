import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf } from '../file-errors.ts';

/** Nobody writes settings of this size by hand. */
const maxSettingsBytes = 1_000_000;
/** How long a pipe may take to give all of it, ms. */
const maxWaitMs = 5_000;
const pauseMs = 20;

/** Blocks this thread, which has nothing else to do before the text is known. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}

/**
 * The text of a file with settings, a secret or the input of a command, or of a pipe, as a shell's `<(…)` makes one. It
 * is read before anything else begins, so nothing may keep it for ever.
 * @throws what the file system says, or what it is that is not read
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
