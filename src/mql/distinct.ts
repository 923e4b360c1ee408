import { badInput, HydrogenError } from '../errors.ts';
import { DEFAULT_MAX_BYTES, type Document, type Limits } from './types.ts';
import { createOrdering } from './values/collation.ts';
import { arrayIndex, getField, isDocument } from './values/fields.ts';
import { approximateSize } from './values/size.ts';

/**
 * Visits the values of a path. Unlike in a filter, a number after an array is a position only, not a field of its
 * elements.
 */
function visitValues(
  value: unknown,
  parts: readonly string[],
  at: number,
  visit: (value: unknown) => void,
): void {
  if (at === parts.length) {
    if (Array.isArray(value)) value.forEach(visit);
    else visit(value);
    return;
  }
  const part = parts[at] as string;
  if (isDocument(value)) visitValues(getField(value, part), parts, at + 1, visit);
  else if (Array.isArray(value)) {
    const index = arrayIndex(part);
    if (index >= 0) visitValues(value[index], parts, at + 1, visit);
    else for (const item of value) if (isDocument(item)) visitValues(item, parts, at, visit);
  }
}

/**
 * The distinct values of a path, in their order. Arrays are unwound one level; a missing field yields
 * nothing; equal values (numbers of different types, strings under the collation) count once.
 * @throws HydrogenError not_supported or bad_input for an unsupported collation or a key that is no path, too_large
 */
export function distinctValues(
  docs: Iterable<Document>,
  key: string,
  options: { readonly collation?: Document | undefined; readonly limits?: Limits } = {},
): unknown[] {
  const ordering = createOrdering(options.collation);
  if (key.includes('\0'))
    throw badInput('The key of distinct has a null character, which no field name has.');
  const parts = key.split('.');
  const found = new Map<string | number, unknown>();
  const { maxBytes = DEFAULT_MAX_BYTES } = options.limits ?? {};
  let bytes = 0;
  const add = (value: unknown): void => {
    if (value === undefined) return;
    const hash = ordering.hash(value);
    if (found.has(hash)) return;
    bytes += 16 + approximateSize(value);
    if (bytes > maxBytes) {
      const cap = `${Math.round(maxBytes / 1048576)} MiB`;
      throw new HydrogenError(
        'too_large',
        `The distinct values of "${key}" exceed ${cap}. Narrow the filter.`,
      );
    }
    found.set(hash, value);
  };
  for (const doc of docs) {
    visitValues(doc, parts, 0, add);
  }
  return [...found.values()].sort(ordering.compare);
}
