import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { withLock } from './connection.ts';
import type { Session } from './session.ts';

/** How long SQLite itself waits for a lock; then it is looked whether the call goes on, ms. */
const lockMs = 100;
/** How often the log is tried to be emptied, and the pause between, ms: others may be reading what was before. */
const [attempts, pauseMs] = [40, 50];
const sleeping = new Int32Array(new SharedArrayBuffer(4));

/**
 * Has the file hold nothing any more of what was erased. The log is written back and cut off, so that earlier states of
 * pages are gone; and where `compact` says so, the file is written anew, since free pages and the gaps in others may hold
 * what lay there before. Meanwhile others read, and wait with their writes.
 * @returns whether all of it is gone: others that read for a long time may need the log
 */
export function scrub({ db, tick }: Session, compact: boolean): boolean {
  // No SELECT, which would begin to read, and keep the log from being emptied.
  const files = db.prepare('PRAGMA database_list').all();
  const store = String(files.find(({ name }) => name === 'main')?.['file']);
  // An operation is a transaction, in which this cannot be done.
  const own = new DatabaseSync(store, { timeout: lockMs });
  try {
    if (compact) {
      // All else may be read-only, as in a container; the file has no name there, and is gone when it is closed.
      own.exec(`PRAGMA temp_store_directory = '${dirname(store).replaceAll("'", "''")}'`);
      withLock(tick, () => own.exec('VACUUM'));
    }
    for (let attempt = 1; attempt <= attempts; attempt++) {
      tick();
      if (own.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0) return true;
      Atomics.wait(sleeping, 0, 0, pauseMs);
    }
    return false;
  } finally {
    own.close();
  }
}
