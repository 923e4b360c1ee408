import type { Document } from '../../mql/formats.ts';
import { isPlain, maxHinted } from './filter-conditions.ts';

/** Whether there is a value at a dotted path, in any item of the lists along it. */
function hasValueAt(value: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return value !== undefined;
  if (Array.isArray(value)) return value.some((item) => hasValueAt(item, [name, ...rest]));
  return isPlain(value) && Object.hasOwn(value, name) && hasValueAt(value[name], rest);
}

/** Whether a projection includes a field. */
export const isIncluded = (value: unknown): boolean => value === 1 || value === true;

export interface Shown {
  readonly projection?: Document | undefined;
  readonly sort?: Document | undefined;
}

/**
 * The sort and projection fields that no document in the answer has, which may be misspelt, or which the projection
 * leaves out.
 */
export function missingFields(
  { projection = {}, sort = {} }: Shown,
  documents: readonly Document[],
): string[] {
  const included = Object.keys(projection).filter((path) => isIncluded(projection[path]));
  const sorted = Object.keys(sort).filter((path) => !isPlain(sort[path]));
  const paths = [...included, ...sorted].slice(0, maxHinted).map((path) => path.replace(/\.\$$/, ''));
  return paths.filter((path) => !documents.some((document) => hasValueAt(document, path.split('.'))));
}
