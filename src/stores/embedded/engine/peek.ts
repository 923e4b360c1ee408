import { lstatSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * Whether a query finds a row, asked on this thread: for a look that costs a millisecond, where a store
 * thread would cost 26 MB. It waits for no lock.
 * @param sql reads an index entry, or a table of some rows
 * @param fallback what it says when it cannot tell
 */
export function peek(file: string, sql: string, fallback: boolean): boolean {
  try {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (!found) return false;
    // A pipe would be waited for, on this thread.
    if (!found.isFile()) return fallback;
    const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    try {
      return db.prepare(sql).get() !== undefined;
    } finally {
      db.close();
    }
  } catch {
    return fallback;
  }
}
