import { compileSortKeys, type Document, decode } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import { fieldKey } from '../indexes/keys.ts';
import { candidateRows } from '../pushdown/rows.ts';
import type { Plan } from './choose.ts';
import { type IndexPosition, rowsInOrder, rowsOf, rowsOfKey } from './entries.ts';
import type { IndexOrder, IndexPlan } from './index-plan.ts';

export interface StoredDocument {
  /** Increases in insertion order; never reused after a deletion. */
  readonly row: number;
  readonly document: Document;
  /** Of BSON. */
  readonly bytes: number;
}

/** What executing a plan needs. */
export interface Reading {
  readonly collection: number;
  readonly filter: Document;
  /** Whether a document matches the filter. */
  readonly matches: (document: Document) => boolean;
  readonly collation?: Document | undefined;
  /** Counts the documents that an index leads to. */
  readonly tally?: { examined: number } | undefined;
  /** How many more documents an index may lead to; reading ends at zero. */
  readonly budget?: { left: number } | undefined;
}

function storedOf(row: number, bson: Uint8Array): StoredDocument {
  return { row, document: decode(bson), bytes: bson.byteLength };
}

function* readRows(session: Session, rows: Iterable<number>): Generator<StoredDocument> {
  const get = statement(session, 'SELECT bson FROM documents WHERE id = ?');
  for (const row of rows) {
    session.tick();
    const found = get.get(row);
    if (found) yield storedOf(row, found['bson'] as Uint8Array);
  }
}

function* filtered(
  stored: Iterable<StoredDocument>,
  { matches, tally, budget }: Reading,
): Generator<StoredDocument> {
  for (const one of stored) {
    if (tally) tally.examined++;
    if (matches(one.document)) yield one;
    if (budget && --budget.left <= 0) return;
  }
}

function* scanAll({ db, tick }: Session, collection: number, after: number): Generator<StoredDocument> {
  const all = 'SELECT id, bson FROM documents WHERE collection = ? AND id > ? ORDER BY id';
  for (const { id, bson } of db.prepare(all).iterate(collection, after)) {
    tick();
    yield storedOf(Number(id), bson as Uint8Array);
  }
}

function* scanCandidates(session: Session, reading: Reading, after: number): Generator<StoredDocument> {
  const { collection, filter, matches } = reading;
  for (const { row, bson, certain } of candidateRows(session, collection, filter, after)) {
    const stored = storedOf(row, bson);
    if (certain || matches(stored.document)) yield stored;
  }
}

/** The matching documents in insertion order, after a row. */
export function readMatches(
  session: Session,
  plan: Plan,
  reading: Reading,
  after = 0,
): Iterable<StoredDocument> {
  if (plan.kind === 'scan') {
    const filterless = Object.keys(reading.filter).length === 0;
    return filterless || reading.collation !== undefined
      ? filtered(scanAll(session, reading.collection, after), reading)
      : scanCandidates(session, reading, after);
  }
  const rows =
    plan.kind === 'index' && plan.wholeKey
      ? rowsOfKey(session, plan.index, plan.ranges[0]?.low ?? new Uint8Array(0), after)
      : rowsOf(session, plan.kind === 'index' ? [plan] : plan.branches, after);
  return filtered(readRows(session, rows), reading);
}

function keyOf({ prefix, fields }: IndexOrder, values: readonly unknown[]): Uint8Array {
  return Buffer.concat([prefix, ...fields.map(({ direction }, i) => fieldKey(values[i], direction))]);
}

/** A position in an order: the values of the sort fields, and the row. */
export interface Position {
  readonly values: ReadonlyMap<string, unknown>;
  readonly row: number;
}

/** The matching documents in index order, after a position. */
export function* readInOrder(
  session: Session,
  plan: IndexPlan & { readonly order: IndexOrder },
  reading: Reading,
  after: Position | undefined,
): Generator<StoredDocument> {
  const { order } = plan;
  const sortedBy = compileSortKeys(Object.fromEntries(order.fields.map(({ path }) => [path, 1])));
  const get = statement(session, 'SELECT bson FROM documents WHERE id = ?');
  const keyOfRow = (row: number): Uint8Array =>
    keyOf(order, sortedBy.of(decode(get.get(row)?.['bson'] as Uint8Array)));
  let behind: IndexPosition | undefined;
  if (after) {
    const values = order.fields.map(({ path }) => after.values.get(path));
    behind = { key: keyOf(order, values), row: after.row };
  }
  yield* filtered(readRows(session, rowsInOrder(session, plan, behind, keyOfRow)), reading);
}
