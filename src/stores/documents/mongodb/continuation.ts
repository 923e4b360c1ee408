import { badInput } from '../../../errors.ts';
import { compileSortKeys, type Document, type SortKeys, typeName } from '../../../mql/index.ts';
import { readPosition } from '../position.ts';

/** A total order that a query can be continued in, and the place of a document in it. */
export interface Continuation {
  /** The sort as the server is asked for it: what was asked, then `_id`. */
  readonly sort: Document;
  readonly keys: SortKeys;
}

/** Types in the order in which MongoDB sorts them, as `$type` names them. Ends and rare types are left out. */
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

/** The keys of a place in the order, by a text of `writePosition`. */
export function keysAt(position: string, { sort }: Continuation): unknown[] {
  const keys = readPosition(position);
  if (keys.length !== Object.keys(sort).length) {
    throw badInput('This position belongs to another query. Start again without it.');
  }
  return keys;
}

/**
 * `undefined` for types whose place `$type` and comparisons do not tell on every server, and for patterns,
 * which nothing is compared with.
 */
function orderedType(value: unknown): OrderedType | undefined {
  const name = typeName(value);
  if (name === 'regex') return undefined;
  return numbers.has(name) ? 'number' : order.find((type) => type === name);
}

/** A condition on one field, and its opposite in the form that MongoDB's planner can bound an index by. */
interface Term {
  readonly path: string;
  readonly condition: Document;
}

const not = ({ path, condition }: Term): Document =>
  Object.hasOwn(condition, '$eq') ? { [path]: { $ne: condition['$eq'] } } : { [path]: { $not: condition } };

/**
 * Conditions each of which only holds for documents that sort before `key` by this field, in its direction. A
 * comparison sees every element of an array, of which the least (1) or greatest (-1) is sorted by, so it
 * proves "before" there too.
 */
function before(path: string, key: unknown, ascending: boolean): Term[] {
  const type = orderedType(key);
  if (type === undefined || type === 'array') return [];
  const at = order.indexOf(type);
  // An array itself is not sorted by: its elements are. Null is asked for by value, which sees missing too.
  const otherTypes = (ascending ? order.slice(0, at) : order.slice(at + 1)).filter(
    (other) => other !== 'array' && other !== 'null',
  );
  const conditions: Document[] = [];
  if (type !== 'null') conditions.push({ [ascending ? '$lt' : '$gt']: key });
  if (otherTypes.length > 0) conditions.push({ $type: otherTypes });
  if (ascending && type !== 'null') conditions.push({ $eq: null });
  return conditions.map((condition) => ({ path, condition }));
}

/** The same with those that are equal. */
function upTo(path: string, key: unknown, ascending: boolean): Term[] {
  const type = orderedType(key);
  // A list that equals the key as a whole is not sorted by as a whole.
  const same = type === undefined || type === 'array' ? [] : [{ path, condition: { $eq: key } }];
  return [...before(path, key, ascending), ...same];
}

const all = (conditions: readonly Document[]): Document =>
  conditions.length > 0 ? { $and: conditions } : {};

/**
 * A filter that leaves out documents up to the position `keys`, as well as a server can: it never leaves out
 * one behind it (so nothing is lost), but may let some before it pass (values whose order cannot be said in
 * a filter); the reader drops those by their keys.
 */
export function afterFilter(keys: readonly unknown[], { sort }: Continuation): Document {
  const fields = Object.entries(sort).map(([path, direction], i) => ({
    path,
    key: keys[i],
    ascending: Number(direction) > 0,
  }));
  // Of two paths through one list, the second is not sorted by its own least value but by that of the item
  // whose first is least: nothing can be said of it alone.
  const root = (path: string): string => path.split('.')[0] ?? path;
  const independent = fields.filter(
    ({ path }, i) => !fields.slice(0, i).some((earlier) => root(earlier.path) === root(path)),
  );
  // Lexicographic: behind in the first field, or not before in it and behind in the next, and so on.
  const branches = fields.map((field, i) => {
    const earlier = fields.slice(0, i).filter((candidate) => independent.includes(candidate));
    const excluded = earlier.flatMap(({ path, key, ascending }) => before(path, key, ascending));
    const here = independent.includes(field) ? upTo(field.path, field.key, field.ascending) : [];
    return all([...excluded, ...here].map(not));
  });
  const [only] = branches;
  if (branches.length === 1) return only ?? {};
  // What every branch says of the first field, said once more for all: an index is bounded by that.
  const first = fields.slice(0, 1).flatMap(({ path, key, ascending }) => before(path, key, ascending));
  return all([...first.map(not), { $or: branches }]);
}
