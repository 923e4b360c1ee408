import { badInput } from '../../errors.ts';
import type { Document } from '../types.ts';
import { arrayIndex, getField, isDocument } from '../values/fields.ts';

/** A path partly walked: the components left, or the value at its end. */
interface Walk {
  readonly rest: readonly string[];
  readonly value: unknown;
  readonly done: boolean;
  /** The array to unwind next. */
  readonly array?: unknown[];
}

/** The values of several paths in one document: one combination, or several if arrays are unwound. */
export interface KeyValues {
  /** The only combination, if no path meets an array. */
  readonly single?: unknown[];
  /** Which of the paths meet an array. */
  readonly opened: readonly boolean[];
  readonly all: () => Iterable<unknown[]>;
}

const unopened: readonly boolean[] = [];

/**
 * Compiles the combinations of values that sort keys and index keys are made of: a missing field is null, an
 * empty array `undefined`.
 * @param parallel error message for a document with two different arrays on the paths
 */
export function compileKeyValues(paths: readonly string[], parallel: string): (doc: Document) => KeyValues {
  const split = paths.map((path) => path.split('.'));
  return (doc) => {
    const walks = split.map((path) => descend(doc, path));
    if (walks.every((walk) => walk.array === undefined)) {
      const single = walks.map((walk) => walk.value);
      return { single, opened: unopened, all: () => [single] };
    }
    return {
      opened: walks.map((walk) => walk.array !== undefined),
      all: () => expand(walks, parallel),
    };
  };
}

function descend(start: unknown, path: readonly string[]): Walk {
  let value: unknown = start;
  let isElement = false;
  for (let at = 0; at < path.length; at++) {
    const part = path[at] as string;
    isElement = Array.isArray(value);
    if (Array.isArray(value)) {
      const index = arrayIndex(part);
      if (index < 0 || index >= value.length)
        return { rest: path.slice(at), value, done: false, array: value };
      value = value[index];
      continue;
    }
    value = isDocument(value) ? getField(value, part) : undefined;
    if (value === undefined) return { rest: [], value: null, done: true };
  }
  // An array that a position names is a value as a whole.
  if (Array.isArray(value) && !isElement) return { rest: [], value, done: false, array: value };
  return { rest: [], value, done: true };
}

/** All keys from the elements of the arrays on the paths; at most one array may be unwound at a time. */
function* expand(walks: readonly Walk[], parallel: string): Generator<unknown[]> {
  const array = walks.find((walk) => walk.array !== undefined)?.array;
  if (array === undefined) {
    yield walks.map((walk) => walk.value);
    return;
  }
  if (walks.some((walk) => walk.array !== undefined && walk.array !== array)) {
    throw badInput(parallel);
  }
  const elements: unknown[] = array.length === 0 ? [undefined] : array;
  for (const element of elements) {
    yield* expand(
      walks.map((walk) => {
        if (walk.array === undefined) return walk;
        if (walk.rest.length === 0) return { rest: [], value: element, done: true };
        if (isDocument(element)) return descend(element, walk.rest);
        return { rest: [], value: null, done: true };
      }),
      parallel,
    );
  }
}
