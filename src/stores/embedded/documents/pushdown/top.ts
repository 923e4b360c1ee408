import { HydrogenError } from '../../../../errors.ts';
import { compileSortKeys, type Document } from '../../../../mql/index.ts';
import { approximateSize } from '../../../../mql/values/size.ts';
import type { Session } from '../../engine/session.ts';
import { scan } from './scan.ts';

/** A position in an order: the sort values, then the insertion order, which makes it total. */
export interface SortedRow {
  readonly keys: unknown[];
  readonly row: number;
}

export interface Top {
  readonly collection: number;
  /** A valid filter without collation. */
  readonly filter: Document;
  readonly matches?: (document: Document) => boolean;
  /** A valid sort with at least one field. */
  readonly sort: Document;
  readonly count: number;
  /** Only what comes after this. */
  readonly after?: SortedRow | undefined;
  /** Maximum size of the sort values, in bytes. */
  readonly maxBytes: number;
}

/**
 * The first `count` matches in sort order, ties in insertion order. Only the sort fields of each document are read, and
 * only those of the first matches are held.
 * @throws HydrogenError `too_large`; `bad_input` for a document with two arrays in the sort fields
 */
export function topRows(session: Session, top: Top): SortedRow[] {
  const { sort, count, after, maxBytes } = top;
  const keys = compileSortKeys(sort);
  const compare = (a: SortedRow, b: SortedRow): number => keys.compare(a.keys, b.keys) || a.row - b.row;
  const fields = Object.keys(sort).map((path) => path.split('.', 1)[0] ?? '');
  let retained: SortedRow[] = [];
  let last: SortedRow | undefined;
  let bytes = 0;
  const trim = (): void => {
    retained = retained.sort(compare).slice(0, count);
    bytes = retained.reduce((sum, item) => sum + sizeOf(item), 0);
    if (retained.length === count) last = retained.at(-1);
  };
  for (const { row, document } of scan(session, { ...top, fields: [...new Set(fields)] })) {
    const item = { keys: keys.of(document), row };
    if (last !== undefined && compare(item, last) > 0) continue;
    if (after !== undefined && compare(item, after) <= 0) continue;
    retained.push(item);
    bytes += sizeOf(item);
    if (retained.length >= 2 * count + 1_000 || bytes > maxBytes) trim();
    if (bytes > maxBytes) {
      throw new HydrogenError(
        'too_large',
        'Sorting would take more than 100 MiB. Narrow the filter, or ask for less with limit and skip.',
      );
    }
  }
  trim();
  return retained;
}

function sizeOf({ keys }: SortedRow): number {
  return 64 + approximateSize(keys);
}
