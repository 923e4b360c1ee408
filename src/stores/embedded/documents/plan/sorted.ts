import { HydrogenError } from '../../../../errors.ts';
import { compileSortKeys, type Document } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { documentOf } from '../pushdown/scan.ts';
import { type SortedRow, topRows } from '../pushdown/top.ts';
import type { Plan } from './choose.ts';
import type { IndexOrder, IndexPlan } from './index-plan.ts';
import { type Reading, readInOrder, readMatches, type StoredDocument } from './read.ts';

/** A document with its position in an order. */
export interface Placed extends SortedRow {
  readonly document: Document;
}

export interface SortedReading {
  /** A valid sort with at least one field. */
  readonly sort: Document;
  /** The maximum number that will be requested. */
  readonly wanted: number;
  /** Only what comes after this. */
  readonly after?: SortedRow | undefined;
  /**
   * The number of documents to examine in index order, for conditions the index does not cover, before sorting the
   * matches is assumed to be cheaper.
   */
  readonly patience?: number;
}

/** Memory limit for sorted documents, in bytes of BSON, like MongoDB's without disk use. */
const sortMemory = 100 * 1024 * 1024;
const defaultPatience = 20_000;

type PlacedDocument = Placed & Pick<StoredDocument, 'bytes'>;

/** The matches in sort order, ties in insertion order. Every plan returns the same. */
export function readSorted(
  session: Session,
  plan: Plan,
  reading: Reading,
  query: SortedReading,
): Iterable<Placed> {
  const keys = compileSortKeys(query.sort, { collation: reading.collation });
  if (plan.kind === 'index' && plan.oneOrder) {
    return placed(readMatches(session, plan, reading, query.after?.row), keys.of);
  }
  if (plan.kind === 'index' && plan.order) {
    return byIndex(session, { ...plan, order: plan.order }, reading, query, keys.of);
  }
  if (plan.kind === 'scan' && reading.collation === undefined && Number.isFinite(query.wanted)) {
    return byScan(session, reading, query);
  }
  const { after, wanted } = query;
  const compare = (a: SortedRow, b: SortedRow): number => keys.compare(a.keys, b.keys) || a.row - b.row;
  const all = placed(readMatches(session, plan, reading), keys.of);
  return first(after ? all.filter((item) => compare(item, after) > 0) : all, wanted, compare);
}

type KeysOf = (document: Document) => unknown[];

function* placed(stored: Iterable<StoredDocument>, keysOf: KeysOf): Generator<PlacedDocument> {
  for (const { row, document, bytes } of stored) yield { row, document, bytes, keys: keysOf(document) };
}

function* byScan(session: Session, reading: Reading, query: SortedReading): Generator<Placed> {
  const { sort, wanted, after } = query;
  const rows = topRows(session, { ...reading, sort, count: wanted, after, maxBytes: sortMemory });
  for (const { row, keys } of rows) {
    session.tick();
    yield { row, keys, document: documentOf(session, row) };
  }
}

function* byIndex(
  session: Session,
  plan: IndexPlan & { readonly order: IndexOrder },
  reading: Reading,
  query: SortedReading,
  keysOf: KeysOf,
): Generator<Placed> {
  const paths = Object.keys(query.sort);
  const after = query.after && {
    values: new Map(paths.map((path, i) => [path, query.after?.keys[i]])),
    row: query.after.row,
  };
  const impatient = !plan.exact && Number.isFinite(query.wanted);
  const budget = impatient ? { left: query.patience ?? defaultPatience } : undefined;
  let last = query.after;
  let found = 0;
  for (const item of placed(readInOrder(session, plan, { ...reading, budget }, after), keysOf)) {
    yield item;
    last = item;
    found++;
  }
  if (!budget || budget.left > 0 || found >= query.wanted) return;
  const rest: SortedReading = { sort: query.sort, wanted: query.wanted - found, after: last };
  yield* readSorted(session, { kind: 'scan' }, reading, rest);
}

/** The first `count` in order; later matches are discarded from time to time. */
function first(
  all: Iterable<PlacedDocument>,
  count: number,
  compare: (a: SortedRow, b: SortedRow) => number,
): PlacedDocument[] {
  let retained: PlacedDocument[] = [];
  let bytes = 0;
  const trim = (): void => {
    retained = retained.sort(compare).slice(0, count);
    bytes = retained.reduce((sum, item) => sum + item.bytes, 0);
  };
  for (const item of all) {
    retained.push(item);
    bytes += item.bytes;
    if (retained.length >= 2 * count + 1_000 || bytes > sortMemory) trim();
    if (bytes > sortMemory) {
      throw new HydrogenError(
        'too_large',
        'Sorting would take more than 100 MiB. Narrow the filter, or ask for less with limit and skip.',
      );
    }
  }
  trim();
  return retained;
}
