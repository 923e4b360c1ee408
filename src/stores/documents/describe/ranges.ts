import type { Document } from '../../../mql/formats.ts';
import type { FieldDescription, IndexEntry } from '../document-store.ts';
import type { SampleDescription } from './fields.ts';

// The range of a field that an index begins with is read from there: two lookups, and it holds for the whole collection.

/** What finds the smallest or largest value of a field. */
interface ExtremeQuery {
  readonly filter: Document;
  readonly sort: Document;
  readonly projection: Document;
}

/** Fields looked up, of those with an index. */
const maxLookedUp = 20;

/** Compared with it, a value of its own kind is found and no other; NaN is not. */
function lowest(value: unknown): unknown {
  return value instanceof Date ? new Date(-8_640_000_000_000_000) : Number.NEGATIVE_INFINITY;
}

function extreme(path: string, value: unknown, direction: 1 | -1): ExtremeQuery {
  return {
    filter: { [path]: { $gte: lowest(value) } },
    sort: { [path]: direction },
    projection: path === '_id' ? { _id: 1 } : { _id: 0, [path]: 1 },
  };
}

export interface RangeLookup {
  readonly path: string;
  readonly smallest: ExtremeQuery;
  readonly largest: ExtremeQuery;
}

/** The lookups that give the ranges of fields with an index. */
export function rangeLookups(
  { sampled, fields }: SampleDescription,
  documents: number,
  indexes: readonly IndexEntry[],
): RangeLookup[] {
  if (sampled >= documents) return [];
  const first = indexes.map(({ key }) => Object.entries(key)[0]);
  const indexed = new Set(first.flatMap((entry) => (Math.abs(Number(entry?.[1])) === 1 ? [entry?.[0]] : [])));
  return fields
    .filter(({ path, range }) => range && indexed.has(path))
    .slice(0, maxLookedUp)
    .map(({ path, range }) => ({
      path,
      smallest: extreme(path, range?.min, 1),
      largest: extreme(path, range?.max, -1),
    }));
}

/** What the lookups of a field found; undefined where a lookup failed. */
export type FoundRange = readonly [smallest: Document | undefined, largest: Document | undefined];

/** The value at a path, where there is one and no array: of an array, the index holds the elements. */
function valueAt(document: Document | undefined, path: string): unknown {
  let value: unknown = document;
  for (const name of path.split('.')) {
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return undefined;
    value = (value as Document)[name];
  }
  return Array.isArray(value) ? undefined : value;
}

/** The fields with ranges that hold for the whole collection, where an index tells or everything was looked at. */
export function withRanges(
  { sampled, fields, elementsLeftOut }: SampleDescription,
  documents: number,
  found: ReadonlyMap<string, FoundRange>,
): FieldDescription[] {
  return fields.map((field) => {
    const { path, range } = field;
    if (!range) return field;
    const [smallest, largest] = found.get(path) ?? [];
    const [min, max] = [valueAt(smallest, path), valueAt(largest, path)];
    if (min !== undefined && max !== undefined) return { ...field, range: { min, max, exact: true } };
    const isWhole = sampled >= documents && !(elementsLeftOut && path.includes('[]'));
    return isWhole ? { ...field, range: { ...range, exact: true } } : field;
  });
}
