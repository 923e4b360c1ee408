import { HydrogenError } from '../errors.ts';
import { DEFAULT_MAX_BYTES, type Document, type Limits } from './types.ts';
import { createOrdering } from './values/collation.ts';
import { compilePath } from './values/paths.ts';
import { approximateSize } from './values/size.ts';

/**
 * The distinct values of a path, in order of appearance. Arrays are unwound one level; a missing field yields
 * nothing; equal values (numbers of different types, strings under the collation) count once.
 * @throws HydrogenError not_supported or bad_input for an unsupported collation, too_large
 */
export function distinctValues(
  docs: Iterable<Document>,
  key: string,
  options: { readonly collation?: Document | undefined; readonly limits?: Limits } = {},
): unknown[] {
  const ordering = createOrdering(options.collation);
  const walk = compilePath(key, false);
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
    walk(doc, (value) => {
      if (Array.isArray(value)) value.forEach(add);
      else add(value);
      return false;
    });
  }
  return [...found.values()];
}
