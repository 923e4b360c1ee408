import type { Document } from '../../../mql/index.ts';
import type { AnalysedQuery } from './analysed-query.ts';
import { isPoint } from './ranges.ts';

/** More fields cost more on every write than they save. */
const maxEqual = 3;

/**
 * An index that would help a query: first the fields that must equal a value, then those of the sort, then one with a
 * range. The order is MongoDB's "ESR rule", https://www.mongodb.com/docs/manual/tutorial/equality-sort-range-guideline/
 * @param indexes the existing ones: one that begins like the suggestion is not suggested again
 */
export function suggestIndex(
  analysed: AnalysedQuery,
  indexes: readonly { readonly fields: readonly { readonly path: string; readonly direction: 1 | -1 }[] }[],
): Document | undefined {
  const { analysis, sort, binary } = analysed;
  if (!binary) return undefined;
  const usable = analysis.constraints.filter(
    ({ path }) => path !== '_id' && !path.split('.').some((part) => /^\d+$/.test(part)),
  );
  const equal = usable.filter(({ ranges }) => ranges.length === 1 && ranges.every(isPoint));
  const remaining = usable.filter((constraint) => !equal.includes(constraint));
  const key: Document = {};
  for (const { path } of equal.slice(0, maxEqual)) key[path] = 1;
  for (const { path, direction } of sort) if (!Object.hasOwn(key, path)) key[path] = direction;
  const range = remaining.find(({ path }) => !Object.hasOwn(key, path));
  if (range) key[range.path] = 1;
  const fields = Object.entries(key);
  if (fields.length === 0 || fields[0]?.[0] === '_id') return undefined;
  const there = indexes.some((index) =>
    fields.every(
      ([path, direction], at) => index.fields[at]?.path === path && index.fields[at].direction === direction,
    ),
  );
  return there ? undefined : key;
}
