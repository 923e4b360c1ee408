import { badInput, notSupported } from '../../errors.ts';
import { type Document, MAX_PATH } from '../types.ts';
import { BINARY, createOrdering, type Ordering } from '../values/collation.ts';
import { arrayIndex, getField, isDocument, isReferenceField } from '../values/fields.ts';
import { roundedNumber } from '../values/numbers.ts';
import { compileKeyValues } from './sort-key.ts';

/** One field of a sort: its path, and 1 or -1. */
export interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** MongoDB's limit (kMaxCompoundIndexKeys): every field costs a comparison per document. */
const MAX_SORT_FIELDS = 32;

/**
 * Parses a sort document such as `{price: -1, name: 1}`.
 * @throws HydrogenError bad_input for a direction that is not 1 or -1
 */
export function parseSort(sort: Document, allowDollar = false): SortField[] {
  if (!isDocument(sort)) throw badInput('A sort must be a document, as in {price: -1}.');
  const paths = Object.keys(sort);
  if (paths.length > MAX_SORT_FIELDS) {
    throw badInput(
      `A sort may have at most ${MAX_SORT_FIELDS} fields, not ${paths.length.toLocaleString('en')}.`,
    );
  }
  return paths.map((path) => {
    const spec = getField(sort, path);
    if (path === '$natural') throw notSupported('sorting by $natural');
    if (isDocument(spec) && '$meta' in spec) throw notSupported('sorting by $meta');
    const direction = roundedNumber(spec);
    if (direction !== 1 && direction !== -1) throw badInput(`The direction of "${path}" must be 1 or -1.`);
    const parts = path.split('.');
    if (
      parts.length > MAX_PATH ||
      parts.includes('') ||
      (!allowDollar && parts.some((part) => part.startsWith('$') && !isReferenceField(part)))
    ) {
      throw badInput(`"${path}" is not a field to sort by.`);
    }
    return { path, direction };
  });
}

/** The values that documents are sorted by, for a position from which a page can be continued. */
export interface SortKeys {
  /** One value per field; `undefined` stands for an empty array. */
  readonly of: (doc: Document) => unknown[];
  readonly compare: (a: readonly unknown[], b: readonly unknown[]) => number;
}

/** @throws HydrogenError bad_input for an invalid sort; `of` throws it for parallel arrays in one document */
export function compileSortKeys(
  sort: Document,
  options: { readonly collation?: Document | undefined } = {},
): SortKeys {
  const fields = parseSort(sort);
  const ordering = createOrdering(options.collation);
  return { of: compileSortKey(fields, ordering), compare: keyComparator(fields, ordering) };
}

export function keyComparator(fields: readonly SortField[], ordering: Ordering) {
  return (a: readonly unknown[], b: readonly unknown[]): number => {
    for (let i = 0; i < fields.length; i++) {
      const order = ordering.compare(a[i], b[i]);
      if (order !== 0) return order * (fields[i] as SortField).direction;
    }
    return 0;
  };
}

/**
 * Compiles the values a document sorts by. An array stands for its lowest element when ascending, its
 * highest when descending; a missing field is null, an empty array is `undefined` (below null).
 * @throws HydrogenError bad_input, when run, for a document with two different arrays in the sort fields
 */
export function compileSortKey(
  fields: readonly SortField[],
  ordering: Ordering,
): (doc: Document) => unknown[] {
  const keysOf = compileKeyValues(
    fields.map(({ path }) => path),
    'Cannot sort by fields of two different arrays of one document ("parallel arrays").',
  );
  const compare = keyComparator(fields, ordering);
  return (doc) => {
    const { single, all } = keysOf(doc);
    if (single !== undefined) return single;
    let best: unknown[] | undefined;
    for (const key of all()) if (best === undefined || compare(key, best) < 0) best = key;
    return best ?? [];
  };
}

/** The value of a path in an element of an array: no array on it is looked through, null where it is missing. */
function plainValue(element: unknown, parts: readonly string[]): unknown {
  let value = element;
  for (const part of parts) {
    if (Array.isArray(value)) value = value[arrayIndex(part)];
    else value = isDocument(value) ? getField(value, part) : undefined;
  }
  return value ?? null;
}

/**
 * Compares elements of an array by the fields of a sort, as `$push` and `$sortArray` do: unlike documents of a
 * collection by whole values, whether they are arrays or not.
 */
export function compileElementComparator(sort: Document, ordering: Ordering = BINARY) {
  const fields = parseSort(sort, true);
  if (fields.length === 0) throw badInput('A sort needs at least one field.');
  const paths = fields.map(({ path }) => path.split('.'));
  const compare = keyComparator(fields, ordering);
  const keyOf = (value: unknown): unknown[] =>
    paths.map((parts) => (isDocument(value) ? plainValue(value, parts) : null));
  return (a: unknown, b: unknown): number => compare(keyOf(a), keyOf(b));
}

/** Compares values by the fields of a sort; values that are not documents have no fields. */
export function compileComparator(sort: Document, ordering: Ordering = BINARY) {
  const fields = parseSort(sort);
  if (fields.length === 0) throw badInput('A sort needs at least one field.');
  const key = compileSortKey(fields, ordering);
  const compare = keyComparator(fields, ordering);
  const keys = new WeakMap<Document, unknown[]>();
  const none = key({});
  const keyOf = (value: unknown): unknown[] => {
    if (!isDocument(value)) return none;
    let found = keys.get(value);
    if (found === undefined) {
      found = key(value);
      keys.set(value, found);
    }
    return found;
  };
  return (a: unknown, b: unknown): number => compare(keyOf(a), keyOf(b));
}
