import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import type { Index } from './definition.ts';

// How many entries each value of a single-field index has, so that counting does not get slower as the collection
// grows. Only where there are few values: with many, each has few entries, which can be counted just as fast.

/** An index with more values than this loses its counts. */
const maxValues = 1_000;

const changeSql = `INSERT INTO index_counts (index_id, key, entries) VALUES (?, ?, ?)
  ON CONFLICT (index_id, key) DO UPDATE SET entries = entries + excluded.entries RETURNING entries`;

/** Whether a new index has counts. */
export const isCountable = (fields: number): boolean => fields === 1;

/** Records that a value has one entry more or less. */
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

/** The entries from `low` up to, but not including, `high`, of an index with counts. */
export function countedEntries(session: Session, index: Index, low: Uint8Array, high: Uint8Array): number {
  const sql =
    'SELECT coalesce(sum(entries), 0) AS n FROM index_counts WHERE index_id = ? AND key >= ? AND key < ?';
  return Number(statement(session, sql).get(index.id, low, high)?.['n']);
}
