import { badInput } from '../../errors.ts';
import { compileMatcher, type FilterOptions } from '../query/filter.ts';
import type { Document } from '../types.ts';
import { arrayIndex, getField, isDocument, setField } from '../values/fields.ts';

/** Tests the elements that an identifier of `arrayFilters` stands for. */
export interface ArrayFilter {
  readonly identifier: string;
  readonly matches: (element: unknown) => boolean;
}

/** The elements that `$`, `$[]` and `$[identifier]` stand for in one document. */
export interface MatchedPositions {
  /** The index that the filter of the update matched, -1 if there is none. */
  readonly matched: () => number;
  readonly filters: ReadonlyMap<string, ArrayFilter>;
}

/**
 * Compiles `arrayFilters`.
 * @throws HydrogenError bad_input for a filter without exactly one identifier
 */
export function compileArrayFilters(
  filters: readonly Document[],
  options: FilterOptions,
): Map<string, ArrayFilter> {
  if (!Array.isArray(filters)) throw badInput('"arrayFilters" takes an array of filters.');
  const compiled = new Map<string, ArrayFilter>();
  for (const filter of filters) {
    if (!isDocument(filter)) throw badInput('"arrayFilters" takes an array of filters.');
    const names = new Set(identifiers(filter));
    const [identifier] = names;
    if (names.size !== 1 || identifier === undefined) {
      throw badInput('Each of "arrayFilters" needs exactly one identifier, as in {item: {$gt: 5}}.');
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
      throw badInput(
        `"${identifier}" cannot be an identifier of "arrayFilters": begin with a lower-case letter, use letters and digits.`,
      );
    }
    if (compiled.has(identifier)) throw badInput(`"arrayFilters" has two filters for "${identifier}".`);
    const matches = compileMatcher(filter, options);
    compiled.set(identifier, {
      identifier,
      matches(element) {
        const wrapped: Document = {};
        setField(wrapped, identifier, element);
        return matches(wrapped, undefined);
      },
    });
  }
  return compiled;
}

function* identifiers(filter: Document): Generator<string> {
  for (const name of Object.keys(filter)) {
    if (!name.startsWith('$')) yield name.split('.')[0] as string;
    else if (['$and', '$or', '$nor'].includes(name)) {
      const branches = getField(filter, name);
      for (const branch of Array.isArray(branches) ? branches : [])
        if (isDocument(branch)) yield* identifiers(branch);
    }
  }
}

/** The identifier in a component `$[identifier]`, "" for `$[]`, `undefined` for other components. */
export function arrayComponent(part: string): string | undefined {
  return /^\$\[(.*)\]$/.exec(part)?.[1];
}

/** True for `$`, `$[]` and `$[identifier]`; other components with $ are names. */
export const isPositional = (part: string): boolean => part === '$' || arrayComponent(part) !== undefined;

/** Checks the components of an update's path. @throws HydrogenError bad_input */
export function parsePath(path: string, filters: ReadonlyMap<string, ArrayFilter>): string[] {
  const parts = path.split('.');
  if (path === '' || parts.includes(''))
    throw badInput(`"${path}" is not a valid path: it has an empty component.`);
  if (parts.indexOf('$') !== parts.lastIndexOf('$')) {
    throw badInput(`"${path}" has more than one positional $. Use $[] or $[identifier] for one of them.`);
  }
  parts.forEach((part, at) => {
    if (!isPositional(part)) return;
    const identifier = arrayComponent(part);
    if (at === 0)
      throw badInput(`"${path}" is not a valid path: it cannot begin with a positional component.`);
    if (identifier && !filters.has(identifier)) {
      throw badInput(
        `"${path}" uses $[${identifier}], but "arrayFilters" has no filter for "${identifier}".`,
      );
    }
  });
  return parts;
}

/** The concrete paths that a path with positional components stands for in a document. */
export function concretePaths(
  doc: Document,
  parts: readonly string[],
  positions: MatchedPositions,
): string[][] {
  if (!parts.some(isPositional)) return [[...parts]];
  const found: string[][] = [];
  const walk = (value: unknown, at: number, path: string[]): void => {
    if (at === parts.length) {
      found.push(path);
      return;
    }
    const part = parts[at] as string;
    const identifier = arrayComponent(part);
    if (identifier !== undefined) {
      const matches = positions.filters.get(identifier)?.matches;
      elementsOf(value, path).forEach((item, index) => {
        if (matches === undefined || matches(item)) walk(item, at + 1, [...path, String(index)]);
      });
      return;
    }
    const name = part === '$' ? String(matchedIndex(positions, parts)) : part;
    walk(child(value, name), at + 1, [...path, name]);
  };
  walk(doc, 0, []);
  return found;
}

function matchedIndex({ matched }: MatchedPositions, parts: readonly string[]): number {
  const index = matched();
  if (index >= 0) return index;
  throw badInput(`The positional $ in "${parts.join('.')}" needs a condition on that array in the filter.`);
}

function elementsOf(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value;
  const name = path.join('.');
  throw badInput(
    value === undefined
      ? `"${name}" must exist for an update of its elements.`
      : `"${name}" is not an array, so its elements cannot be updated.`,
  );
}

function child(value: unknown, name: string): unknown {
  if (isDocument(value)) return getField(value, name);
  const index = Array.isArray(value) ? arrayIndex(name) : -1;
  return index < 0 ? undefined : (value as unknown[])[index];
}
