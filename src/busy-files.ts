import { renameSync, rmSync } from 'node:fs';
import { rename as renameOnce, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from './file-errors.ts';

// On Windows a file cannot be renamed or removed while another program has it open: virus scanners, indexers and backups
// do so for a moment with every file that was just written. There, and only there, the same errors may be over at once.

/** What Windows answers while another program has the file. */
const busyCodes: ReadonlySet<string> = new Set(['EPERM', 'EBUSY', 'EACCES']);
/** How long is waited before each further attempt, ms: about a second in all. */
const pausesMs = [10, 20, 50, 100, 200, 300, 400];

const isWindows = process.platform === 'win32';

/**
 * Does it again while the file is in use, at most for a second.
 * @throws whatever the last attempt threw
 */
export async function whileBusy<T>(work: () => Promise<T>, mayBeBusy = isWindows): Promise<T> {
  for (const pauseMs of mayBeBusy ? pausesMs : []) {
    try {
      return await work();
    } catch (error) {
      if (!busyCodes.has(codeOf(error))) throw error;
    }
    await delay(pauseMs);
  }
  return await work();
}

/** The same for a process that is about to end; the thread waits. */
export function whileBusyNow<T>(work: () => T, mayBeBusy = isWindows): T {
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (const pauseMs of mayBeBusy ? pausesMs : []) {
    try {
      return work();
    } catch (error) {
      if (!busyCodes.has(codeOf(error))) throw error;
    }
    Atomics.wait(wait, 0, 0, pauseMs);
  }
  return work();
}

/** Gives a file another name; what has that name is replaced. */
export const renameFile = (from: string, to: string): Promise<void> => whileBusy(() => renameOnce(from, to));

/** Removes a file that may be gone already. */
export const removeFile = (path: string): Promise<void> => whileBusy(() => rm(path, { force: true }));

export const renameFileNow = (from: string, to: string): void => whileBusyNow(() => renameSync(from, to));

/** Removes a file that may be gone already. */
export const removeFileNow = (path: string): void => whileBusyNow(() => rmSync(path, { force: true }));
