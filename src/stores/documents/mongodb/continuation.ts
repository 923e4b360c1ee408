import { badInput } from '../../../errors.ts';
import { compileSortKeys, type Document, type SortKeys, typeName } from '../../../mql/index.ts';
import { readPosition } from '../position.ts';

/** A total order in which a query can be continued, and the position of a document in it. */
export interface Continuation {
  /** The sort sent to the server: the requested one, then `_id`. */
  readonly sort: Document;
  readonly keys: SortKeys;
}

/** Types in MongoDB's sort order, as `$type` names them. The ends and rare types are left out. */
const order = [
  'null',
  'number',
  'string',
  'object',
  'array',
  'binData',
  'objectId',
  'bool',
  'date',
  'timestamp',
  'regex',
] as const;
type OrderedType = (typeof order)[number];
const numbers: ReadonlySet<string> = new Set(['int', 'double', 'long', 'decimal']);

/** @throws HydrogenError for a sort that has no such order (`$meta`, `$natural`). */
export function continuationOf(sort: Document): Continuation {
  const total = Object.hasOwn(sort, '_id') ? sort : { ...sort, _id: 1 };
  return { sort: total, keys: compileSortKeys(total) };
}

/** The keys of a position in the order, from text made by `writePosition`. */
export function keysAt(position: string, { sort }: Continuation): unknown[] {
  const keys = readPosition(position);
  if (keys.length !== Object.keys(sort).length) {
    throw badInput('This position belongs to another query. Start again without it.');
  }
  return keys;
}

/**
 * `undefined` for types whose place `$type` and comparisons do not determine on every server, and for patterns, which
 * nothing is compared with.
 */
function orderedType(value: unknown): OrderedType | undefined {
  const name = typeName(value);
  if (name === 'regex') return undefined;
  return numbers.has(name) ? 'number' : order.find((type) => type === name);
}

/** A condition on one field, and its negation in a form that MongoDB's planner can use as an index bound. */
interface Term {
  readonly path: string;
  readonly condition: Document;
}

const not = ({ path, condition }: Term): Document =>
  Object.hasOwn(condition, '$eq') ? { [path]: { $ne: condition['$eq'] } } : { [path]: { $not: condition } };

/**
 * Conditions that each hold only for documents that sort before `key` by this field, in its direction. A comparison
 * sees every element of an array, which sorts by its smallest (1) or largest (-1), so it proves "before" there too.
 */
function before(path: string, key: unknown, ascending: boolean): Term[] {
  const type = orderedType(key);
  if (type === undefined || type === 'array') return [];
  const at = order.indexOf(type);
  // An array is not a sort key itself: its elements are. Null is matched by value, which includes missing.
  const otherTypes = (ascending ? order.slice(0, at) : order.slice(at + 1)).filter(
    (other) => other !== 'array' && other !== 'null',
  );
  const conditions: Document[] = [];
  if (type !== 'null') conditions.push({ [ascending ? '$lt' : '$gt']: key });
  if (otherTypes.length > 0) conditions.push({ $type: otherTypes });
  if (ascending && type !== 'null') conditions.push({ $eq: null });
  return conditions.map((condition) => ({ path, condition }));
}

/** The same, including equal ones. */
function upTo(path: string, key: unknown, ascending: boolean): Term[] {
  const type = orderedType(key);
  // An array that equals the key as a whole does not sort by it as a whole.
  const same = type === undefined || type === 'array' ? [] : [{ path, condition: { $eq: key } }];
  return [...before(path, key, ascending), ...same];
}

const all = (conditions: readonly Document[]): Document =>
  conditions.length > 0 ? { $and: conditions } : {};

/**
 * A filter that excludes documents up to the position `keys`, as well as a server can: it never excludes one after it
 * (so nothing is lost), but may pass some before it (values whose order cannot be expressed in a filter); the reader
 * drops those by their keys.
 */
export function afterFilter(keys: readonly unknown[], { sort }: Continuation): Document {
  const fields = Object.entries(sort).map(([path, direction], i) => ({
    path,
    key: keys[i],
    ascending: Number(direction) > 0,
  }));
  // Of two paths through one array, the second does not sort by its own smallest value but by that of the item whose
  // first is smallest: on its own it proves nothing.
  const root = (path: string): string => path.split('.')[0] ?? path;
  const independent = fields.filter(
    ({ path }, i) => !fields.slice(0, i).some((earlier) => root(earlier.path) === root(path)),
  );
  // Lexicographic: after it in the first field, or not before it there and after it in the next, and so on.
  const branches = fields.map((field, i) => {
    const earlier = fields.slice(0, i).filter((candidate) => independent.includes(candidate));
    const excluded = earlier.flatMap(({ path, key, ascending }) => before(path, key, ascending));
    const here = independent.includes(field) ? upTo(field.path, field.key, field.ascending) : [];
    return all([...excluded, ...here].map(not));
  });
  const [only] = branches;
  if (branches.length === 1) return only ?? {};
  // The condition on the first field that all branches imply, stated once more: an index is bounded by it.
  const first = fields.slice(0, 1).flatMap(({ path, key, ascending }) => before(path, key, ascending));
  return all([...first.map(not), { $or: branches }]);
}
