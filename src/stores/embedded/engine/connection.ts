import { DatabaseSync } from 'node:sqlite';
import { HydrogenError } from '../../../errors.ts';
import type { Lane } from './operations.ts';

const settings = 'PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;';
// FULL: an acknowledged write survives a power failure, not just a crash of the process.
// FAST: what is deleted within a page is overwritten with it, so that little is left of it (see `overwriting`).
// fullfsync: on macOS, `fsync` alone leaves the last writes in the disk's cache; elsewhere it changes nothing.
const writing =
  'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA wal_autocheckpoint = 1000; PRAGMA secure_delete = FAST;';

function settingsOf(lane: Lane): string {
  // The index thread holds what it needs often in its own arrays: more pages made no search faster.
  const cache = `PRAGMA cache_size = ${lane === 'index' ? -1_000 : -8_000};`;
  return settings + cache + (lane === 'write' ? writing : 'PRAGMA query_only = ON;');
}

/**
 * Opens the file for its lane. Waits for another process's lock in short turns, so that a cancelled call can stop in
 * between (see `withLock`).
 */
export function openConnection(file: string, lane: Lane, tick: () => void): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 100 });
  try {
    // Some of the settings read the schema, which another process may be creating.
    withLock(tick, () => db.exec(settingsOf(lane)));
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const SQLITE_BUSY = 5;

/** True for an error which means that another connection holds the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

/**
 * Repeats `work` while another process holds the lock; `tick` ends this by throwing.
 * @throws HydrogenError `unavailable` when the call's time runs out before the lock is free.
 */
export function withLock<T>(tick: () => void, work: () => T): T {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      try {
        tick();
      } catch (late) {
        if (!(late instanceof HydrogenError && late.reason === 'late')) throw late;
        throw new HydrogenError(
          'unavailable',
          'Another process kept writing to the data directory for as long as this call could wait. Nothing was changed; try again in a moment.',
        );
      }
    }
  }
}
