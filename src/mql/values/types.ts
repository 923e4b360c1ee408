import type { Double, Int32 } from 'bson';
import { isDocument } from './fields.ts';

/** BSON type numbers (https://bsonspec.org, `$type`). `missing` is not a BSON type but a missing field. */
export const T = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
  missing: 0,
} as const;

const NAMES = new Map<number, string>(Object.entries(T).map(([name, number]) => [number, name]));
const CLASSES: { [name: string]: number } = {
  Double: T.double,
  Int32: T.int,
  Long: T.long,
  Decimal128: T.decimal,
  ObjectId: T.objectId,
  Binary: T.binData,
  UUID: T.binData,
  Timestamp: T.timestamp,
  BSONRegExp: T.regex,
  Code: T.javascript,
  BSONSymbol: T.symbol,
  DBRef: T.dbPointer,
  MinKey: T.minKey,
  MaxKey: T.maxKey,
};

/** True when `bson.serialize` would write this JavaScript number as an int32. */
export function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** The BSON type number of a value; 0 for `undefined` (a missing field). */
export function typeNumber(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return T.string;
    case 'number':
      return isInt32(value) ? T.int : T.double;
    case 'boolean':
      return T.bool;
    case 'undefined':
      return T.missing;
    case 'bigint':
      return T.long;
    default:
      return value === null ? T.null : objectType(value as object);
  }
}

function objectType(value: object): number {
  if (Array.isArray(value)) return T.array;
  if (isDocument(value)) return T.object;
  if (value instanceof Date) return T.date;
  const name = (value as { _bsontype?: unknown })._bsontype;
  if (typeof name === 'string') {
    if (name === 'Code' && (value as { scope?: unknown }).scope) return T.javascriptWithScope;
    return CLASSES[name] ?? T.object;
  }
  if (value instanceof RegExp) return T.regex;
  if (value instanceof Uint8Array) return T.binData;
  return T.object;
}

/** MongoDB's name of a value's type: "int", "objectId", …, "missing". */
export function typeName(value: unknown): string {
  return NAMES.get(typeNumber(value)) ?? 'missing';
}

/** The type number of a name for `$type`; `undefined` if there is no such type. */
export function typeFromName(name: string): number | undefined {
  if (name === 'missing' || !Object.hasOwn(T, name)) return undefined;
  return T[name as keyof typeof T];
}

/** True for a valid type number for `$type`. */
export function isTypeNumber(number: number): boolean {
  return number !== T.missing && NAMES.has(number);
}

// Ranks of the types in the BSON comparison order (MongoDB's canonicalizeBSONType).
const RANKS = new Map<number, number>([
  [T.minKey, 1],
  [T.missing, 2],
  [T.undefined, 2],
  [T.null, 3],
  [T.double, 4],
  [T.int, 4],
  [T.long, 4],
  [T.decimal, 4],
  [T.string, 5],
  [T.symbol, 5],
  [T.object, 6],
  [T.array, 7],
  [T.binData, 8],
  [T.objectId, 9],
  [T.bool, 10],
  [T.date, 11],
  [T.timestamp, 12],
  [T.regex, 13],
  [T.dbPointer, 14],
  [T.javascript, 15],
  [T.javascriptWithScope, 16],
  [T.maxKey, 17],
]);

/** Ranks that callers branch on. */
export const RANK = { minKey: 1, missing: 2, null: 3, number: 4, string: 5, object: 6, array: 7, maxKey: 17 };

/** The rank of a value's type in the comparison order, 1 to 17; all numeric types share one. */
export function typeRank(value: unknown): number {
  if (typeof value === 'number') return RANK.number;
  if (typeof value === 'string') return RANK.string;
  return RANKS.get(typeNumber(value)) ?? RANK.object;
}

/** A value of any of the four numeric types. */
export function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeRank(value) === RANK.number;
}

/** null or a missing field, for which most operators return null. */
export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The plain number inside an Int32 or Double instance. */
export function unboxed(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !isDocument(value)) {
    const name = (value as { _bsontype?: unknown })._bsontype;
    if (name === 'Double' || name === 'Int32') return (value as Double | Int32).valueOf();
  }
  return value;
}
