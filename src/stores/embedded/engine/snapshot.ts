import { DatabaseSync } from 'node:sqlite';
import { HydrogenError } from '../../../errors.ts';
import type { FileSnapshot } from '../../store-status.ts';
import type { Session } from './session.ts';

/** How many rows each table has. */
function rowsByTable(db: DatabaseSync): Record<string, number> {
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
  return Object.fromEntries(
    tables.map(({ name }) => [
      String(name),
      Number(db.prepare(`SELECT count(*) AS n FROM "${String(name)}"`).get()?.['n']),
    ]),
  );
}

/** How long another process may hold a lock while it opens or closes the store, ms. */
const lockMs = 5_000;

/**
 * Writes the store as it is at one moment into a new file, and checks that. Others may go on writing.
 * @throws HydrogenError `unavailable` when the copy is not whole
 */
export function snapshot({ db }: Session, file: string): FileSnapshot {
  const store = db
    .prepare('PRAGMA database_list')
    .all()
    .find(({ name }) => name === 'main')?.['file'];
  // An operation is a transaction, in which this cannot be done.
  const own = new DatabaseSync(String(store), { timeout: lockMs });
  try {
    own.prepare('VACUUM INTO ?').run(file);
  } finally {
    own.close();
  }
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    const [found] = copy.prepare('PRAGMA integrity_check(1)').all();
    const verdict = String(found?.['integrity_check']);
    if (verdict !== 'ok') {
      throw new HydrogenError(
        'unavailable',
        `The copy of the store is damaged (${verdict}): it cannot be used.`,
      );
    }
    const format = Number(copy.prepare('PRAGMA user_version').get()?.['user_version']);
    return { format, rows: rowsByTable(copy) };
  } finally {
    copy.close();
  }
}
