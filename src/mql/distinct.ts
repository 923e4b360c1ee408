import type { Document } from './types.ts';
import { hashKey } from './values/key-string.ts';
import { compilePath } from './values/paths.ts';

/**
 * The distinct values of a path, in the order in which they are met. Arrays are opened one level; a missing
 * field gives nothing; numbers that are equal count once.
 */
export function distinctValues(docs: Iterable<Document>, key: string): unknown[] {
  const walk = compilePath(key, false);
  const found = new Map<string | number, unknown>();
  const add = (value: unknown): void => {
    if (value === undefined) return;
    const hash = hashKey(value);
    if (!found.has(hash)) found.set(hash, value);
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
