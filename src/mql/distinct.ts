import { HydrogenError } from '../errors.ts';
import { DEFAULT_MAX_BYTES, type Document, type Limits } from './types.ts';
import { createOrdering } from './values/collation.ts';
import { compilePath } from './values/paths.ts';
import { approximateSize } from './values/size.ts';

/**
 * The distinct values of a path, in the order in which they are met. Arrays are opened one level; a missing
 * field gives nothing; values that are equal (numbers of different types, strings under the collation) count
 * once.
 * @throws HydrogenError not_supported or bad_input for a collation that is not there, too_large
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
      const most = `${Math.round(maxBytes / 1048576)} MiB`;
      throw new HydrogenError(
        'too_large',
        `The distinct values of "${key}" are more than ${most}. Narrow the filter.`,
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
