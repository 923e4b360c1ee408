import { Binary, type BSONRegExp, type Code, type ObjectId, type Timestamp } from 'bson';
import type { Document } from '../types.ts';
import { getField } from './fields.ts';
import { compareNumbers } from './numbers.ts';
import { compareStrings } from './strings.ts';
import { RANK, T, typeNumber, typeRank } from './types.ts';

export type StringOrder = (a: string, b: string) => number;

/** BSON comparison order of two values (negative, 0, positive); a missing value is below null. */
export function compareValues(a: unknown, b: unknown, strings: StringOrder = compareStrings): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  return difference === 0 ? compareRanked(rank, a, b, strings) : difference;
}

/** Equal in the comparison order: 1, Long 1 and Decimal 1.0 are, documents with another field order are not. */
export function equals(a: unknown, b: unknown): boolean {
  return a === b || compareValues(a, b) === 0;
}

function compareRanked(rank: number, a: unknown, b: unknown, strings: StringOrder): number {
  switch (rank) {
    case RANK.number:
      return compareNumbers(a, b);
    case RANK.string:
      return strings(String(a), String(b));
    case RANK.object:
      return compareDocuments(a as Document, b as Document, strings);
    case RANK.array:
      return compareArrays(a as unknown[], b as unknown[], strings);
    default:
      return compareOthers(a, b);
  }
}

// Like MongoDB's woCompare: field by field, first the type, then the name, then the value.
function compareDocuments(a: Document, b: Document, strings: StringOrder): number {
  if (a === b) return 0;
  const left = fieldNames(a);
  const right = fieldNames(b);
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const nameA = left[i] as string;
    const nameB = right[i] as string;
    const x = getField(a, nameA);
    const y = getField(b, nameB);
    const rank = typeRank(x);
    const difference =
      rank - typeRank(y) || compareStrings(nameA, nameB) || compareRanked(rank, x, y, strings);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

// A field set to undefined counts as missing.
function fieldNames(doc: Document): string[] {
  const names = Object.keys(doc);
  return names.some((name) => doc[name] === undefined) ? names.filter((n) => doc[n] !== undefined) : names;
}

function compareArrays(a: unknown[], b: unknown[], strings: StringOrder): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = compareValues(a[i] ?? null, b[i] ?? null, strings);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareOthers(a: unknown, b: unknown): number {
  switch (typeNumber(a)) {
    case T.bool:
      return Number(a) - Number(b);
    case T.date:
      return Number(a) - Number(b) || 0;
    case T.objectId:
      return compareBytes((a as ObjectId).id, (b as ObjectId).id);
    case T.timestamp:
      return (a as Timestamp).compare(b as Timestamp);
    case T.binData:
      return compareBinary(a, b);
    case T.regex: {
      const x = regexParts(a);
      const y = regexParts(b);
      return compareStrings(x.pattern, y.pattern) || compareStrings(x.options, y.options);
    }
    case T.javascript:
    case T.javascriptWithScope: {
      const [x, y] = [a as Code, b as Code];
      return compareStrings(x.code, y.code) || compareValues(x.scope ?? null, y.scope ?? null);
    }
    default:
      return String(a) === String(b) ? 0 : compareStrings(String(a), String(b));
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

// Length first, then subtype, then the bytes. The length of the old subtype 2 is data, of four bytes.
function compareBinary(a: unknown, b: unknown): number {
  const x = binaryParts(a);
  const y = binaryParts(b);
  const length = ({ bytes, subtype }: typeof x): number => bytes.length + (subtype === 2 ? 4 : 0);
  return length(x) - length(y) || x.subtype - y.subtype || compareBytes(x.bytes, y.bytes);
}

/** The content of a Binary or Uint8Array. */
export function binaryParts(value: unknown): { bytes: Uint8Array; subtype: number } {
  if (value instanceof Binary) {
    return { bytes: value.buffer.subarray(0, value.position), subtype: value.sub_type };
  }
  return { bytes: value as Uint8Array, subtype: 0 };
}

/** The bytes as they are stored: those of the old subtype 2 with their length before them, which MongoDB takes for data. */
export function storedBytes(value: unknown): Buffer {
  const { bytes, subtype } = binaryParts(value);
  const length = Buffer.alloc(subtype === 2 ? 4 : 0);
  if (subtype === 2) length.writeInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Pattern and sorted options of a RegExp or BSONRegExp. */
export function regexParts(value: unknown): { pattern: string; options: string } {
  if (value instanceof RegExp) {
    return { pattern: value.source, options: [...value.flags.replace(/[^ims]/g, '')].sort().join('') };
  }
  const { pattern, options } = value as BSONRegExp;
  return { pattern, options: [...options].sort().join('') };
}
