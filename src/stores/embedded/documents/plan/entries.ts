import {
  everything,
  intersection,
  pastPrefix,
  type Range,
  type Ranges,
  withPrefix,
} from '../../../documents/analysis/ranges.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import { countedEntries } from '../indexes/counts.ts';
import type { Index } from '../indexes/definition.ts';
import type { IndexPlan, IndexRanges } from './index-plan.ts';

// Queries on the entries of an index that need no document. A row is `documents.id`.

const entryColumns = { from: 'index_entries', owner: 'index_id', row: 'document' };
const idColumns = { from: 'documents', owner: 'collection', row: 'id' };

/** Where the keys of an index are stored: those of `_id` are in the documents' table. */
const columnsOf = ({ id }: Index) => (id === 0 ? idColumns : entryColumns);
const ownerOf = ({ id, collection }: Index): number => (id === 0 ? collection : id);

/** The number of entries in the ranges; without stored counts, counted up to `cap`. */
export function countEntries(session: Session, { index, ranges }: IndexRanges, cap: number): number {
  const { from, owner } = columnsOf(index);
  const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM ${from} WHERE ${owner} = ? AND key >= ? AND key < ? LIMIT ?)`;
  let counted = 0;
  for (const { low, high } of ranges) {
    session.tick();
    if (counted >= cap) break;
    counted += index.counted
      ? countedEntries(session, index, low, high)
      : Number(statement(session, sql).get(ownerOf(index), low, high, cap - counted)?.['n']);
  }
  return counted;
}

/** How many documents have entries in the ranges. */
export function countDocuments(session: Session, plan: IndexRanges): number {
  const { index, ranges } = plan;
  if (plan.mayRepeat) return rowsOf(session, [plan], 0).length;
  const { from, owner } = columnsOf(index);
  const sql = `SELECT count(*) AS n FROM ${from} WHERE ${owner} = ? AND key >= ? AND key < ?`;
  let counted = 0;
  for (const { low, high } of ranges) {
    session.tick();
    counted += index.counted
      ? countedEntries(session, index, low, high)
      : Number(statement(session, sql).get(ownerOf(index), low, high)?.['n']);
  }
  return counted;
}

/** The rows with entries in the ranges of any of the plans, after `afterRow`, in order and without repeats. */
export function rowsOf(session: Session, plans: readonly IndexRanges[], afterRow: number): Float64Array {
  const all: number[][] = [];
  for (const { index, ranges } of plans) {
    const { from, owner, row } = columnsOf(index);
    // As one text: SQLite writes it ten times as fast as it returns rows.
    const sql = `SELECT json_group_array(${row}) AS rows FROM ${from} WHERE ${owner} = ? AND key >= ? AND key < ? AND ${row} > ?`;
    for (const { low, high } of ranges) {
      session.tick();
      const found = statement(session, sql).get(ownerOf(index), low, high, afterRow);
      all.push(JSON.parse(String(found?.['rows'])) as number[]);
    }
  }
  const rows = Float64Array.from(all.length === 1 ? (all[0] ?? []) : all.flat()).sort();
  const once = plans.length === 1 && plans[0]?.mayRepeat === false;
  return once ? rows : rows.filter((row, at) => row !== rows[at - 1]);
}

/** The rows of one complete key, in order, produced on demand. */
export function* rowsOfKey(
  { db, tick }: Session,
  index: Index,
  key: Uint8Array,
  afterRow: number,
): Generator<number> {
  const { from, owner, row } = columnsOf(index);
  const sql = `SELECT ${row} AS row FROM ${from} WHERE ${owner} = ? AND key = ? AND ${row} > ? ORDER BY ${row}`;
  for (const found of db.prepare(sql).iterate(ownerOf(index), key, afterRow)) {
    tick();
    yield Number(found['row']);
  }
}

/** A position in the order of an index: the key of the sort fields with what precedes it, and a row. */
export interface IndexPosition {
  readonly key: Uint8Array;
  readonly row: number;
}

/**
 * The rows in index order, ties in insertion order, after a position.
 * @param keyOf the key, up to the sort fields, of a row's document
 */
export function* rowsInOrder(
  session: Session,
  { index, ranges, order }: IndexPlan,
  behind: IndexPosition | undefined,
  keyOf: (row: number) => Uint8Array,
): Generator<number> {
  if (!order) return;
  const { trailing, reverse } = order;
  let left: Ranges = ranges;
  if (behind) {
    const { key, row } = behind;
    if (trailing) {
      const tied = { index, ranges: intersection(ranges, [withPrefix(key)]), mayRepeat: true };
      yield* rowsOf(session, [tied], row);
    } else yield* rowsOfKey(session, index, key, row);
    const rest: Range = reverse
      ? { low: everything.low, high: key }
      : { low: pastPrefix(key), high: everything.high };
    left = intersection(ranges, [rest]);
  }
  for (const range of reverse ? left.toReversed() : left) {
    const rows = trailing
      ? groups(session, index, range, reverse, keyOf)
      : plainRows(session, index, range, reverse);
    yield* rows;
  }
}

function* plainRows({ db, tick }: Session, index: Index, { low, high }: Range, reverse: boolean) {
  const { from, owner, row } = columnsOf(index);
  const sql = `SELECT ${row} AS row FROM ${from} WHERE ${owner} = ? AND key >= ? AND key < ? ORDER BY key ${reverse ? 'DESC' : ''}, ${row}`;
  for (const found of db.prepare(sql).iterate(ownerOf(index), low, high)) {
    tick();
    yield Number(found['row']);
  }
}

/** Entries that tie in the sort fields are put in insertion order, group by group. */
function* groups(
  { db, tick }: Session,
  index: Index,
  { low, high }: Range,
  reverse: boolean,
  keyOf: (row: number) => Uint8Array,
): Generator<number> {
  const { from, owner, row } = columnsOf(index);
  const direction = reverse ? 'DESC' : '';
  const sql = `SELECT key, ${row} AS row FROM ${from} WHERE ${owner} = ? AND key >= ? AND key < ? ORDER BY key ${direction}, ${row} ${direction}`;
  let tied = new Set<number>();
  let group: Uint8Array | undefined;
  for (const found of db.prepare(sql).iterate(ownerOf(index), low, high)) {
    tick();
    const key = found['key'] as Uint8Array;
    const at = Number(found['row']);
    if (!group || Buffer.compare(key.subarray(0, group.length), group) !== 0) {
      yield* [...tied].sort((a, b) => a - b);
      tied = new Set();
      group = keyOf(at);
    }
    tied.add(at);
  }
  yield* [...tied].sort((a, b) => a - b);
}
