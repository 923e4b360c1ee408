import type { Document } from '../../../mql/index.ts';
import { isDocument } from '../../../mql/values/fields.ts';

// Which fields a part of a query names. Where this is not certain, `undefined` says so, and the query is answered in a
// form that cannot reveal anything: these functions only decide which form that is.

const isPosition = (part: string): boolean => /^\d+$/.test(part);

/** A path without what may be a position in an array: "a.0.b" and "a.$[].b" may both lead to the "b" of "a". */
function plainParts(path: string): string[] {
  return path.split('.').filter((part) => !isPosition(part) && !/^\$(?:\[.*\])?$/.test(part));
}

/**
 * Fields as stages name them, to whom a number is the name of a field only: where a rule names a position, the field is
 * hidden in all elements.
 */
export const withoutPositions = (hidden: readonly string[]): string[] =>
  hidden.flatMap((path) => {
    const plain = path
      .split('.')
      .filter((part) => !isPosition(part))
      .join('.');
    return plain === path || plain === '' ? [path] : [path, plain];
  });

const begins = (parts: readonly string[], others: readonly string[]): boolean =>
  parts.length <= others.length && parts.every((part, i) => part === others[i]);

/** Whether a value at one path can hold one at the other, or be held by it. */
export function isRelated(path: string, other: string): boolean {
  const [parts, others] = [plainParts(path), plainParts(other)];
  return begins(parts, others) || begins(others, parts);
}

/** Whether any of the paths is related to any of the fields; true where the paths are not known. */
export function touches(paths: readonly string[] | undefined, fields: readonly string[]): boolean {
  if (fields.length === 0) return false;
  return paths === undefined || paths.some((path) => fields.some((field) => isRelated(path, field)));
}

/** The paths without those below another one, as `$unset` demands. */
export function widest(paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => other !== path && path.startsWith(`${other}.`)));
}

/** Operators of a filter's top level that name no field and fail on no document. */
const fieldless: ReadonlySet<string> = new Set(['$comment', '$sampleRate', '$alwaysTrue', '$alwaysFalse']);

/** Conditions that may read any field. They belong at the top; wherever else one is, a server decides what it means. */
const readsAnything: ReadonlySet<string> = new Set(['$expr', '$jsonSchema', '$text', '$where']);

export function mayReadAnything(value: unknown): boolean {
  for (const name of namesIn(value)) if (readsAnything.has(name)) return true;
  return false;
}

/** The paths of a filter's conditions; undefined where it has a condition of another kind (`$expr`, `$jsonSchema` …). */
export function pathsOfFilter(filter: unknown): string[] | undefined {
  if (!isDocument(filter) || mayReadAnything(filter)) return undefined;
  const paths: string[] = [];
  for (const [name, operand] of Object.entries(filter)) {
    const inner = name.startsWith('$') ? pathsOfOperator(name, operand) : [name];
    if (inner === undefined) return undefined;
    paths.push(...inner);
  }
  return paths;
}

/** The same of an operator at the top of a filter. */
function pathsOfOperator(name: string, operand: unknown): string[] | undefined {
  if (fieldless.has(name)) return [];
  if (!['$and', '$or', '$nor'].includes(name) || !Array.isArray(operand)) return undefined;
  const branches = operand.map(pathsOfFilter);
  return branches.every((paths) => paths !== undefined) ? branches.flat() : undefined;
}

/** Every name in a value, at any depth. */
export function* namesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* namesIn(item);
  else if (isDocument(value)) {
    for (const [name, inner] of Object.entries(value)) {
      yield name;
      yield* namesIn(inner);
    }
  }
}

/** Whether texts occur in a value other than as names. */
function holdsText(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsText);
  if (isDocument(value)) return Object.values(value).some(holdsText);
  if (typeof value === 'string') return true;
  return value instanceof RegExp || ['BSONRegExp', 'BSONSymbol', 'Code'].includes(bsonType(value));
}

const bsonType = (value: unknown): string =>
  typeof value === 'object' && value !== null && '_bsontype' in value ? String(value._bsontype) : '';

/** Whether a filter may match other documents where a collation says which texts are equal. */
export const dependsOnCollation = (filter: Document): boolean =>
  pathsOfFilter(filter) === undefined || holdsText(filter);

/**
 * A path that leads to a hidden field or below it, with another name in place of the hidden one: what it leads to is
 * missing in the same way as any field that is not there. Undefined for a path that leads elsewhere.
 * @param absent a name that no field has
 */
export function pathToAbsent(path: string, hidden: readonly string[], absent: string): string | undefined {
  const parts = path.split('.');
  for (const field of hidden) {
    const at = endOf(parts, field.split('.'));
    if (at !== undefined) return [...parts.slice(0, at), absent, ...parts.slice(at + 1)].join('.');
  }
  return undefined;
}

/** The place of the last of the wanted names, between which there may be positions. */
function endOf(parts: readonly string[], wanted: readonly string[]): number | undefined {
  let next = 0;
  for (const [at, part] of parts.entries()) {
    if (part === wanted[next]) next++;
    else if (!isPosition(part) || next === 0) return undefined;
    if (next === wanted.length) return at;
  }
  return undefined;
}

/** Whether a document has a field at a path, through arrays of any depth. */
export function hasField(value: unknown, path: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((item) => hasField(item, path));
  if (!isDocument(value)) return false;
  const [first, ...rest] = path;
  if (first === undefined || !Object.hasOwn(value, first)) return false;
  return rest.length === 0 || hasField(value[first], rest);
}
