import { HydrogenError } from '../../../errors.ts';
import {
  compileFilter,
  compileProjection,
  compileSortKeys,
  type Document,
  fromExtendedJson,
  type SortKeys,
  stringifyExtendedJson,
} from '../../../mql/index.ts';
import type { Session } from '../../sqlite/operation.ts';
import type { FindQuery } from '../document-store.ts';
import { requireCollection } from './collections.ts';
import { type EncodedPage, pageOf } from './page.ts';
import { choosePlan, type Plan } from './plan/choose.ts';
import { type Reading, readInOrder, readMatches, type StoredDocument } from './plan/read.ts';

/** A place in an order: the values sorted by, then the order of insertion, which makes it total. */
interface Position {
  readonly keys: unknown[];
  readonly row: number;
}

interface Placed extends Position {
  readonly document: Document;
  readonly bytes: number;
}

/** Sorted documents that are held at a time, bytes of BSON, as MongoDB allows without disk use. */
const sortMemory = 100 * 1024 * 1024;

/** A key may be `undefined` (an empty array, which sorts below null): each stands in an array of its own. */
function writePosition({ keys, row }: Position): string {
  const values = keys.map((value) => (value === undefined ? [] : [value]));
  return stringifyExtendedJson([values, String(row)], { relaxed: false });
}

function readPosition(text: string): Position {
  const [values, row] = fromExtendedJson(text) as [unknown[][], string];
  return { keys: values.map(([value]) => value), row: Number(row) };
}

function* placed(stored: Iterable<StoredDocument>, keys: SortKeys['of']): Generator<Placed> {
  for (const item of stored) yield { ...item, keys: keys(item.document) };
}

/** The first `count` in the order; matches that fall behind them are dropped now and then. */
function first(
  all: Iterable<Placed>,
  count: number,
  compare: (a: Position, b: Position) => number,
): Placed[] {
  let kept: Placed[] = [];
  let bytes = 0;
  const trim = (): void => {
    kept = kept.sort(compare).slice(0, count);
    bytes = kept.reduce((sum, item) => sum + item.bytes, 0);
  };
  for (const item of all) {
    kept.push(item);
    bytes += item.bytes;
    if (kept.length >= 2 * count + 1_000 || bytes > sortMemory) trim();
    if (bytes > sortMemory) {
      throw new HydrogenError(
        'too_large',
        'Sorting would hold more than 100 MiB. Narrow the filter, or ask for less with limit and skip.',
      );
    }
  }
  trim();
  return kept;
}

/** The matches in the order of a sort, behind a position; `wanted` of them will be asked for. */
function sorted(
  session: Session,
  plan: Plan,
  reading: Reading,
  query: { readonly sort: Document; readonly wanted: number; readonly from: Position | undefined },
): Iterable<Placed> {
  const { sort, wanted, from } = query;
  const keys = compileSortKeys(sort, { collation: reading.collation });
  if (plan.kind === 'index' && plan.oneOrder) {
    return placed(readMatches(session, plan, reading, from?.row), keys.of);
  }
  if (plan.kind === 'index' && plan.order) {
    const paths = Object.keys(sort);
    const values = from && new Map(paths.map((path, i) => [path, from.keys[i]]));
    const after = values && { values, row: from.row };
    return placed(readInOrder(session, { ...plan, order: plan.order }, reading, after), keys.of);
  }
  const compare = (a: Position, b: Position): number => keys.compare(a.keys, b.keys) || a.row - b.row;
  const all = placed(readMatches(session, plan, reading), keys.of);
  const behind = from ? all.filter((item) => compare(item, from) > 0) : all;
  return first(behind, wanted, compare);
}

/** One page of a `find`, whose documents are BSON. */
export function find(session: Session, query: FindQuery): EncodedPage {
  const collection = requireCollection(session, query);
  const { filter, sort, collation, skip, limit, after } = query;
  // What is invalid is refused as such before anything is planned.
  compileFilter(filter, { collation });
  // One more tells whether anything follows.
  const wanted = (after === undefined ? skip : 0) + limit + 1;
  const plan = choosePlan(session, collection, { filter, sort, collation, wanted });
  return findBy(session, collection.id, query, plan);
}

/** One page of a `find` by a plan for it; every plan gives the same page. */
export function findBy(session: Session, collection: number, query: FindQuery, plan: Plan): EncodedPage {
  const { filter, collation, skip, limit, after } = query;
  const sort = query.sort && Object.keys(query.sort).length > 0 ? query.sort : undefined;
  const matches = compileFilter(filter, { collation });
  const project = query.projection
    ? compileProjection(query.projection, filter, { collation })
    : (document: Document) => document;
  const from = after === undefined ? undefined : readPosition(after);
  const toSkip = from ? 0 : skip;
  const reading: Reading = { collection, filter, matches, collation };
  const ordered = sort
    ? sorted(session, plan, reading, { sort, wanted: toSkip + limit + 1, from })
    : placed(readMatches(session, plan, reading, from?.row), () => []);
  return pageOf<Placed>(Iterator.from(ordered).drop(toSkip), query, {
    document: ({ document }) => project(document),
    position: writePosition,
  });
}
