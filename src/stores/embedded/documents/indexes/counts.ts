import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import type { Index } from './definition.ts';

// How many entries each value of a single-field index has, so that counting does not grow with the
// collection. Only where values are few: of many, each has few entries, which are counted as fast.

/** With more values than this an index has no counts any more. */
const maxValues = 1_000;

const changeSql = `INSERT INTO index_counts (index_id, key, entries) VALUES (?, ?, ?)
  ON CONFLICT (index_id, key) DO UPDATE SET entries = entries + excluded.entries RETURNING entries`;

/** Whether a new index has counts. */
export const isCountable = (fields: number): boolean => fields === 1;

/** Notes that a value has one entry more, or less. */
export function changeCount(session: Session, index: Index, key: Uint8Array, by: 1 | -1): void {
  if (!index.counted) return;
  const entries = Number(statement(session, changeSql).get(index.id, key, by)?.['entries']);
  if (entries === 0) {
    statement(session, 'DELETE FROM index_counts WHERE index_id = ? AND key = ?').run(index.id, key);
    if (index.values !== undefined) index.values--;
  } else if (by === 1 && entries === 1) {
    index.values = index.values === undefined ? valuesOf(session, index) : index.values + 1;
    if (index.values > maxValues) giveUp(session, index);
  }
}

function valuesOf(session: Session, index: Index): number {
  const sql = 'SELECT count(*) AS n FROM index_counts WHERE index_id = ?';
  return Number(statement(session, sql).get(index.id)?.['n']);
}

function giveUp(session: Session, index: Index): void {
  index.counted = false;
  statement(session, 'UPDATE indexes SET counted = 0 WHERE id = ?').run(index.id);
  dropCounts(session, index.id);
}

export function dropCounts(session: Session, index: number): void {
  statement(session, 'DELETE FROM index_counts WHERE index_id = ?').run(index);
}

/** The entries from `low` up to, and without, `high`, of an index that has counts. */
export function countedEntries(session: Session, index: Index, low: Uint8Array, high: Uint8Array): number {
  const sql =
    'SELECT coalesce(sum(entries), 0) AS n FROM index_counts WHERE index_id = ? AND key >= ? AND key < ?';
  return Number(statement(session, sql).get(index.id, low, high)?.['n']);
}
