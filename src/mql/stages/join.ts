import type { Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { arrayIndex, getField, isDocument } from '../values/fields.ts';
import { compilePath } from '../values/paths.ts';
import { approximateSize, createBudget } from '../values/size.ts';

/** Documents of a foreign collection by the values of one field. */
export interface ForeignIndex {
  /** The documents with any of the values, in the collection's order. */
  find(values: readonly unknown[]): Document[];
}

/** Indexes documents as an equality filter would match them: elements of arrays, null for missing. */
export function indexForeign(
  docs: Iterable<Document>,
  path: string,
  name: string,
  { ordering, limits }: Scope,
): ForeignIndex {
  const budget = createBudget(name, limits);
  const key = (value: unknown): string | number => ordering.hash(value ?? null);
  const walk = compilePath(path, true);
  const all: Document[] = [];
  const places = new Map<string | number, number[]>();
  for (const doc of docs) {
    const place = all.push(doc) - 1;
    budget.add(64 + approximateSize(doc));
    walk(doc, (value) => {
      const hash = key(value);
      const found = places.get(hash);
      if (found === undefined) places.set(hash, [place]);
      else if (found.at(-1) !== place) found.push(place);
      return false;
    });
  }
  return {
    find(values) {
      if (values.length === 1)
        return (places.get(key(values[0])) ?? []).map((place) => all[place] as Document);
      const found = new Set(values.flatMap((value) => places.get(key(value)) ?? []));
      return [...found].sort((a, b) => a - b).map((place) => all[place] as Document);
    },
  };
}

/** The values of a path in a local document: elements of arrays one by one; nothing for a missing field. */
export function localValues(doc: Document, path: readonly string[]): unknown[] {
  const found: unknown[] = [];
  collect(doc, path, 0, found);
  return found;
}

function collect(value: unknown, path: readonly string[], at: number, found: unknown[]): void {
  if (at === path.length) {
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined) found.push(item);
  } else if (isDocument(value)) collect(getField(value, path[at] as string), path, at + 1, found);
  else if (Array.isArray(value)) {
    const index = arrayIndex(path[at] as string);
    if (index >= 0 && index < value.length) collect(value[index], path, at + 1, found);
    for (const item of value) if (isDocument(item)) collect(item, path, at, found);
  }
}
