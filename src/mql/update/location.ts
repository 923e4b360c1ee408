import { badInput } from '../../errors.ts';
import type { Document } from '../types.ts';
import { arrayIndex, getField, isDocument, setField } from '../values/fields.ts';

/** Returned by a change that leaves the value as it is. */
export const UNCHANGED = Symbol('unchanged');
/** Returned by a change that removes the field. */
export const REMOVED = Symbol('removed');

/** Maps the old value (`undefined` if missing) to the new one, UNCHANGED or REMOVED. */
export type ValueChange = (value: unknown) => unknown;

/** Largest array gap that is padded with null, as in MongoDB. */
const MAX_PADDING = 1_500_000;

type Container = Document | unknown[];

/**
 * Changes the value at a concrete path of a document in place. With `create`, missing documents on the path
 * are created and arrays padded; without it, a path that does not exist changes nothing. A path that could not exist is
 * an error, unless it is `lenient`.
 * @throws HydrogenError bad_input if something on the path is neither document nor array
 */
export function changeAt(
  root: Document,
  path: readonly string[],
  change: ValueChange,
  create: boolean,
  lenient = false,
): void {
  let container: Container = root;
  for (let at = 0; at < path.length - 1; at++) {
    const part = path[at] as string;
    const place = locate(container, part, path, at, lenient);
    if (place === undefined) return;
    const next = read(container, place);
    if (isDocument(next) || Array.isArray(next)) {
      container = next;
    } else if (next === undefined && create) {
      const value = change(undefined);
      if (value !== UNCHANGED && value !== REMOVED)
        write(container, place, nested(path.slice(at + 1), value));
      return;
    } else if (next === undefined || lenient) {
      return;
    } else {
      throw badInput(
        `Cannot create the field "${path[at + 1]}": "${path.slice(0, at + 1).join('.')}" is not a document.`,
      );
    }
  }
  const place = locate(container, path.at(-1) as string, path, path.length - 1, lenient);
  if (place !== undefined) applyChange(container, place, change);
}

function applyChange(container: Container, place: string | number, change: ValueChange): void {
  const value = change(read(container, place));
  if (value === UNCHANGED) return;
  if (value !== REMOVED) write(container, place, value);
  else if (Array.isArray(container)) {
    // Removing an element would shift the others, so it becomes null.
    if (Number(place) < container.length) container[Number(place)] = null;
  } else delete container[place];
}

/** The name or index that a component denotes in a container; `undefined` if there is none. */
function locate(
  container: Container,
  part: string,
  path: readonly string[],
  at: number,
  lenient: boolean,
): string | number | undefined {
  if (!Array.isArray(container)) return part;
  const index = arrayIndex(part);
  if (index >= 0) return index;
  if (lenient) return undefined;
  throw badInput(
    `Cannot create the field "${part}": "${path.slice(0, at).join('.')}" is an array. Use an index or $[].`,
  );
}

function read(container: Container, place: string | number): unknown {
  return Array.isArray(container) ? container[place as number] : getField(container, String(place));
}

function write(container: Container, place: string | number, value: unknown): void {
  if (!Array.isArray(container)) {
    setField(container, String(place), value);
    return;
  }
  const index = Number(place);
  if (index - container.length > MAX_PADDING)
    throw badInput(`The index ${index} is too far beyond the end of the array.`);
  while (container.length < index) container.push(null);
  container[index] = value;
}

function nested(path: readonly string[], value: unknown): Document {
  let result: unknown = value;
  for (const name of path.toReversed()) {
    const outer: Document = {};
    setField(outer, name, result);
    result = outer;
  }
  return result as Document;
}
