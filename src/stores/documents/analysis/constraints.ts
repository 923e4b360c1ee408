import { Binary, BSONSymbol } from 'bson';
import { type Document, keyString } from '../../../mql/index.ts';
import { isOperatorDocument, isRegex } from '../../../mql/query/array.ts';
import { isDocument } from '../../../mql/values/fields.ts';
import { isNaNValue } from '../../../mql/values/numbers.ts';
import { RANK, typeRank } from '../../../mql/values/types.ts';
import { intersection, maxRanges, type Range, type Ranges, union, withPrefix } from './ranges.ts';

/** A condition on one field as a set of (ascending) keys. */
export interface Constraint {
  readonly path: string;
  /** A matching document has a value at the path, or an element of an array there, in this set. */
  readonly ranges: Ranges;
  /** Conversely, where the path crosses no array, a document whose value is in the set meets the condition. */
  readonly exact: boolean;
}

/** The part of a filter that an index can answer. */
export interface Analysis {
  /** All of them hold for a matching document. */
  readonly constraints: readonly Constraint[];
  /** The branches of each $or. */
  readonly alternatives: readonly (readonly Document[])[];
  /** True when the constraints are the whole filter. */
  readonly complete: boolean;
}

const nullKey = Uint8Array.of(RANK.null);
const isNull = [withPrefix(nullKey)];
/** The key of NaN, the lowest number. */
const nanKey = Uint8Array.of(RANK.number, 0);

/** A value whose key does not say exactly how it compares. */
export function isInexactKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Date) return Number.isNaN(value.getTime());
  if (value instanceof Binary) return value.sub_type === 2;
  if (Array.isArray(value)) return value.some(isInexactKey);
  return value instanceof BSONSymbol || (isDocument(value) && Object.values(value).some(isInexactKey));
}

/** The set of keys for an operand; `undefined` where an index does not help. */
type ToRanges = (operand: unknown) => Ranges | undefined;

function equal(operand: unknown): Ranges | undefined {
  const rank = typeRank(operand);
  // An array may equal the whole value, but only its elements are in the index.
  if (rank === RANK.array || operand === undefined || isInexactKey(operand)) return undefined;
  return [withPrefix(keyString(operand))];
}

/** Whether the values on one side of an operand form a range of keys. */
function isComparable(operand: unknown): boolean {
  if (operand === undefined || isRegex(operand) || isInexactKey(operand)) return false;
  return ![RANK.array, RANK.minKey, RANK.maxKey].includes(typeRank(operand));
}

function comparison(below: boolean, orEqual: boolean): ToRanges {
  return (operand) => {
    if (!isComparable(operand)) return undefined;
    const rank = typeRank(operand);
    if (rank === RANK.null) return orEqual ? isNull : [];
    const point = withPrefix(keyString(operand));
    if (isNaNValue(operand) && rank === RANK.number) return orEqual ? [point] : [];
    return [below ? upTo(point, rank, orEqual) : from(point, rank, orEqual)];
  };
}

function upTo(point: Range, rank: number, orEqual: boolean): Range {
  const low = rank === RANK.number ? withPrefix(nanKey).high : withPrefix(Uint8Array.of(rank)).low;
  return { low, high: orEqual ? point.high : point.low };
}

function from(point: Range, rank: number, orEqual: boolean): Range {
  return { low: orEqual ? point.low : point.high, high: withPrefix(Uint8Array.of(rank)).high };
}

function oneOf(operand: unknown): Ranges | undefined {
  // No plan is made for more ranges, so building the keys of a long list would be wasted.
  if (!Array.isArray(operand) || operand.length > maxRanges) return undefined;
  const sets = operand.map((item) => (isRegex(item) ? undefined : equal(item)));
  return sets.some((set) => set === undefined) ? undefined : union(sets.flatMap((set) => set ?? []));
}

const operators: Readonly<Record<string, ToRanges>> = {
  $eq: equal,
  $in: oneOf,
  $gt: comparison(false, false),
  $gte: comparison(false, true),
  $lt: comparison(true, false),
  $lte: comparison(true, true),
};

interface Found {
  readonly constraints: Constraint[];
  readonly alternatives: (readonly Document[])[];
  complete: boolean;
}

function note(found: Found, path: string, ranges: Ranges | undefined, exact: boolean): void {
  if (ranges === undefined) found.complete = false;
  else found.constraints.push({ path, ranges, exact });
}

/**
 * The operators within `$elemMatch` hold for a single element, so their sets may be intersected; elsewhere they may
 * not.
 */
function forOneElement(found: Found, path: string, operand: Document): void {
  found.complete = false;
  const first = Object.keys(operand)[0] ?? '';
  if (!isOperatorDocument(operand) || ['$and', '$or', '$nor'].includes(first)) {
    const inner = analyse(operand);
    for (const { path: below, ranges } of inner.constraints) note(found, `${path}.${below}`, ranges, false);
    return;
  }
  const sets = Object.entries(operand)
    .map(([name, value]) => (Object.hasOwn(operators, name) ? operators[name]?.(value) : undefined))
    .filter((set) => set !== undefined);
  if (sets.length > 0) note(found, path, sets.reduce(intersection), false);
}

function field(found: Found, path: string, operand: unknown): void {
  if (isRegex(operand)) found.complete = false;
  else if (!isDocument(operand) || !isOperatorDocument(operand)) note(found, path, equal(operand), true);
  else for (const [name, value] of Object.entries(operand)) operator(found, path, name, value);
}

function operator(found: Found, path: string, name: string, value: unknown): void {
  if (name === '$comment') return;
  if (name === '$elemMatch' && isDocument(value)) forOneElement(found, path, value);
  else if (name === '$all' && Array.isArray(value) && value.length > 0 && !value.some(isDocument)) {
    for (const item of value) note(found, path, isRegex(item) ? undefined : equal(item), true);
  } else note(found, path, Object.hasOwn(operators, name) ? operators[name]?.(value) : undefined, true);
}

function collect(found: Found, filter: Document): void {
  for (const [name, operand] of Object.entries(filter)) {
    if (name === '$comment') continue;
    if (name === '$and' && Array.isArray(operand)) for (const part of operand) collect(found, part);
    else if (name === '$or' && Array.isArray(operand)) {
      found.alternatives.push(operand);
      found.complete = false;
    } else if (name.startsWith('$')) found.complete = false;
    else field(found, name, operand);
  }
}

/** Analyses a filter that has been compiled and is therefore valid. */
export function analyse(filter: Document): Analysis {
  const found: Found = { constraints: [], alternatives: [], complete: true };
  collect(found, filter);
  return found;
}

/** Whether a set contains null: a multikey index also stores null for elements that are not documents. */
export const holdsNull = (ranges: Ranges): boolean =>
  ranges.some(({ low, high }) => Buffer.compare(low, nullKey) <= 0 && Buffer.compare(nullKey, high) < 0);
