import type { Document } from '../types.ts';
import { arrayIndex, getField, isDocument } from './fields.ts';

/**
 * Visits a value that a query path leads to. `outer` is the index in the outermost array whose elements were
 * looked through, -1 if there was none; an element that the path names by its position does not count. Returning
 * true ends the walk.
 */
type Visitor = (value: unknown, outer: number) => boolean;

/** Walks all values of a path; true if the visitor ended the walk. */
export type PathWalk = (root: Document, visit: Visitor) => boolean;

/**
 * Compiles a dotted path to MongoDB's query traversal: arrays on the path are traversed (one level), and a
 * numeric component names an array element as well as a field. An array that is named so is traversed in turn:
 * "a.0.b" finds the 1 in {a: [[{b: 1}]]}, "a.b" does not. With `openLeaf` an array at the end yields its elements
 * and then itself, without it, or named by its position, only itself. A path that does not exist yields `undefined`
 * once, except inside an array whose elements are not documents, where it yields nothing.
 */
export function compilePath(path: string, openLeaf: boolean): PathWalk {
  const parts = path.split('.');
  const only = parts.length === 1 ? (parts[0] as string) : undefined;
  if (only !== undefined) {
    return (root, visit) => {
      const value = getField(root, only);
      return openLeaf && Array.isArray(value) ? openArray(value, visit, -1) : visit(value, -1);
    };
  }
  return (root, visit) => walk(root, parts, 0, openLeaf, visit, -1);
}

function openArray(array: unknown[], visit: Visitor, outer: number): boolean {
  for (let i = 0; i < array.length; i++) if (visit(array[i], outer < 0 ? i : outer)) return true;
  return visit(array, outer);
}

function walk(
  root: Document,
  parts: string[],
  from: number,
  openLeaf: boolean,
  visit: Visitor,
  outer: number,
): boolean {
  const last = parts.length - 1;
  let at = from;
  let value = getField(root, parts[at] as string);
  while (at < last && isDocument(value)) value = getField(value, parts[++at] as string);
  if (Array.isArray(value)) {
    if (at < last) return walkArray(value, parts, at + 1, openLeaf, visit, outer);
    return openLeaf ? openArray(value, visit, outer) : visit(value, outer);
  }
  return visit(at < last ? undefined : value, outer);
}

function walkArray(
  array: unknown[],
  parts: string[],
  at: number,
  openLeaf: boolean,
  visit: Visitor,
  outer: number,
): boolean {
  const index = arrayIndex(parts[at] as string);
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (isDocument(item) && walk(item, parts, at, openLeaf, visit, outer < 0 ? i : outer)) return true;
    if (i === index && walkElement(item, parts, at, openLeaf, visit, outer)) return true;
  }
  return false;
}

/** An array element that the component `at` names by its position. */
function walkElement(
  item: unknown,
  parts: string[],
  at: number,
  openLeaf: boolean,
  visit: Visitor,
  outer: number,
): boolean {
  if (at === parts.length - 1) return visit(item, outer);
  if (isDocument(item)) return walk(item, parts, at + 1, openLeaf, visit, outer);
  return Array.isArray(item) && walkArray(item, parts, at + 1, openLeaf, visit, outer);
}

/**
 * Compiles a path of an aggregation expression ("$a.b"): arrays of documents on the path yield an array of
 * the values found; numbers are only field names.
 */
export function compileFieldPath(parts: readonly string[]): (value: unknown) => unknown {
  const [first, ...rest] = parts;
  if (first === undefined) return (value) => value;
  const next = rest.length === 0 ? undefined : compileFieldPath(rest);
  const through = (value: unknown): unknown => {
    if (isDocument(value)) {
      const field = getField(value, first);
      return next === undefined ? field : next(field);
    }
    if (!Array.isArray(value)) return undefined;
    const found: unknown[] = [];
    for (const item of value) {
      const part = isDocument(item) ? through(item) : undefined;
      if (part !== undefined) found.push(part);
    }
    return found;
  };
  return through;
}
