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
import { candidates, type StoredDocument } from './scan.ts';

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

/** One page of a `find`, whose documents are BSON. */
export function find(session: Session, query: FindQuery): EncodedPage {
  const { id } = requireCollection(session, query);
  const { filter, sort, skip, limit, after } = query;
  const matches = compileFilter(filter);
  const project = query.projection ? compileProjection(query.projection, filter) : (doc: Document) => doc;
  const from = after === undefined ? undefined : readPosition(after);
  const toSkip = from ? 0 : skip;

  function* matching(afterRow: number): Generator<StoredDocument> {
    for (const stored of candidates(session, id, filter, afterRow))
      if (matches(stored.document)) yield stored;
  }

  let ordered: Iterable<Placed>;
  if (sort && Object.keys(sort).length > 0) {
    const keys = compileSortKeys(sort);
    const compare = (a: Position, b: Position): number => keys.compare(a.keys, b.keys) || a.row - b.row;
    const rest = placed(matching(0), keys.of);
    const behind = from ? rest.filter((item) => compare(item, from) > 0) : rest;
    ordered = first(behind, toSkip + limit + 1, compare);
  } else {
    ordered = placed(matching(from?.row ?? 0), () => []);
  }
  return pageOf<Placed>(Iterator.from(ordered).drop(toSkip), query, {
    document: ({ document }) => project(document),
    position: writePosition,
  });
}
