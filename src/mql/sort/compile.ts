import type { Document } from '../types.ts';
import { createOrdering } from '../values/collation.ts';
import { compileComparator } from './comparator.ts';

/**
 * Compiles a sort document to an order of documents.
 * @throws HydrogenError bad_input for an invalid sort; when run, for parallel arrays in one document
 */
export function compileSort(
  sort: Document,
  options: { readonly collation?: Document | undefined } = {},
): (a: Document, b: Document) => number {
  return compileComparator(sort, createOrdering(options.collation));
}
