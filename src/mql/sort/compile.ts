import type { Document } from '../types.ts';
import { createOrdering } from '../values/collation.ts';
import { compileComparator, parseSort } from './comparator.ts';

/**
 * Compiles a sort document into a comparison of documents; an empty one keeps their order.
 * @throws HydrogenError bad_input for an invalid sort; when run, for parallel arrays in one document
 */
export function compileSort(
  sort: Document,
  options: { readonly collation?: Document | undefined } = {},
): (a: Document, b: Document) => number {
  const ordering = createOrdering(options.collation);
  return parseSort(sort).length === 0 ? () => 0 : compileComparator(sort, ordering);
}
