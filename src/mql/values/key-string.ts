import type { Code, Decimal128, Long, ObjectId } from 'bson';
import type { Document } from '../types.ts';
import { binaryParts, regexParts } from './compare.ts';
import { digitCount, magnitude } from './decimal.ts';
import { getField } from './fields.ts';
import { numericToDecimal, readNumeric } from './numbers.ts';
import { RANK, T, typeNumber, typeRank } from './types.ts';

// Layout: one byte of type rank (1 to 17), then a body whose bytes sort as the values do.
// Numbers: class byte, decimal exponent + 32768 (two bytes), digits in pairs as 1 … 100, 0; the bytes of
// negative numbers are complemented. Equal numbers of different types have the same digits, so the same key.
const NAN_CLASS = 0;
const NEGATIVE_INFINITE = 1;
const NEGATIVE = 2;
const ZERO = 3;
const POSITIVE = 4;
const INFINITE = 5;

/** A growing buffer that `keyString` writes to. */
interface Sink {
  bytes: Buffer;
  length: number;
}

let scratch: Sink = { bytes: Buffer.allocUnsafe(256), length: 0 };

/**
 * The value as bytes whose memcmp order is the BSON comparison order (`compareValues`), without collation.
 * Values that compare as equal, numbers of different types among them, have equal keys.
 */
export function keyString(value: unknown): Uint8Array {
  const sink = scratch;
  sink.length = 0;
  scratch = { bytes: Buffer.allocUnsafe(256), length: 0 };
  write(sink, value);
  const key = Buffer.from(sink.bytes.subarray(0, sink.length));
  scratch = sink;
  return key;
}

function reserve(sink: Sink, more: number): void {
  if (sink.length + more <= sink.bytes.length) return;
  const larger = Buffer.allocUnsafe((sink.length + more) * 2);
  sink.bytes.copy(larger, 0, 0, sink.length);
  sink.bytes = larger;
}

function byte(sink: Sink, value: number): void {
  reserve(sink, 1);
  sink.bytes[sink.length++] = value;
}

function write(sink: Sink, value: unknown): void {
  byte(sink, typeRank(value));
  writeBody(sink, value);
}

function writeBody(sink: Sink, value: unknown): void {
  switch (typeRank(value)) {
    case RANK.number:
      writeNumber(sink, value);
      return;
    case RANK.string:
      writeText(sink, String(value));
      return;
    case RANK.object:
      writeDocument(sink, value as Document);
      return;
    case RANK.array:
      for (const item of value as unknown[]) write(sink, item ?? null);
      byte(sink, 0);
      return;
    default:
      writeOther(sink, value);
      return;
  }
}

// Documents compare by field type, then name, then value; the shorter document comes first.
function writeDocument(sink: Sink, doc: Document): void {
  for (const name of Object.keys(doc)) {
    const value = getField(doc, name);
    if (value === undefined) continue;
    byte(sink, typeRank(value));
    writeText(sink, name);
    writeBody(sink, value);
  }
  byte(sink, 0);
}

// UTF-8; a zero byte is written as 00 FF, the end as 00 01.
function writeText(sink: Sink, text: string): void {
  const size = text.length * 3 + 2;
  reserve(sink, size);
  const start = sink.length;
  sink.length += sink.bytes.write(text, start, 'utf8');
  if (sink.bytes.subarray(start, sink.length).includes(0)) {
    const raw = Buffer.from(sink.bytes.subarray(start, sink.length));
    sink.length = start;
    for (const unit of raw) {
      byte(sink, unit);
      if (unit === 0) byte(sink, 0xff);
    }
  }
  byte(sink, 0);
  byte(sink, 1);
}

function writeBytes(sink: Sink, bytes: Uint8Array): void {
  reserve(sink, bytes.length);
  sink.bytes.set(bytes, sink.length);
  sink.length += bytes.length;
}

function writeNumber(sink: Sink, value: unknown): void {
  const numeric = readNumeric(value);
  if (numeric === undefined) return;
  if (numeric.type === 'int') {
    writeDigits(sink, numeric.value < 0, String(Math.abs(numeric.value)), 0);
    return;
  }
  const { coefficient, exponent, special } = numericToDecimal(numeric);
  if (special === 'NaN') {
    byte(sink, NAN_CLASS);
    return;
  }
  if (special !== undefined) {
    byte(sink, special === 'Infinity' ? INFINITE : NEGATIVE_INFINITE);
    return;
  }
  writeDigits(sink, coefficient < 0n, magnitude(coefficient).toString(), exponent);
}

function writeDigits(sink: Sink, negative: boolean, text: string, exponent: number): void {
  if (text === '0') {
    byte(sink, ZERO);
    return;
  }
  const digits = text.replace(/0+$/, '');
  const flip = negative ? 0xff : 0;
  const scale = text.length + exponent + 32768;
  byte(sink, negative ? NEGATIVE : POSITIVE);
  byte(sink, (scale >> 8) ^ flip);
  byte(sink, (scale & 0xff) ^ flip);
  for (let i = 0; i < digits.length; i += 2) {
    const second = i + 1 < digits.length ? digits.charCodeAt(i + 1) - 48 : 0;
    byte(sink, ((digits.charCodeAt(i) - 48) * 10 + second + 1) ^ flip);
  }
  byte(sink, flip);
}

function writeOther(sink: Sink, value: unknown): void {
  switch (typeNumber(value)) {
    case T.bool:
      byte(sink, value === true ? 1 : 0);
      return;
    case T.date:
      writeInt64(sink, BigInt.asUintN(64, BigInt(Number(value) || 0)) ^ (1n << 63n));
      return;
    case T.timestamp:
      writeInt64(sink, BigInt.asUintN(64, (value as Long).toBigInt()));
      return;
    case T.objectId:
      writeBytes(sink, (value as ObjectId).id);
      return;
    case T.binData: {
      const { bytes, subtype } = binaryParts(value);
      reserve(sink, 4);
      sink.length = sink.bytes.writeUInt32BE(bytes.length, sink.length);
      byte(sink, subtype);
      writeBytes(sink, bytes);
      return;
    }
    case T.regex: {
      const { pattern, options } = regexParts(value);
      writeText(sink, pattern);
      writeText(sink, options);
      return;
    }
    case T.javascript:
    case T.javascriptWithScope: {
      writeText(sink, (value as Code).code);
      write(sink, (value as Code).scope ?? null);
      return;
    }
    case T.dbPointer:
      writeText(sink, String(value));
      return;
    default:
      return;
  }
}

function writeInt64(sink: Sink, value: bigint): void {
  reserve(sink, 8);
  sink.length = sink.bytes.writeBigUInt64BE(value, sink.length);
}

/**
 * A key for JavaScript's Map and Set: equal for exactly the values that `equals` calls equal.
 * Numbers that a double holds exactly stay numbers; everything else is a string.
 */
export function hashKey(value: unknown): string | number {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'number') return value === 0 ? 0 : value;
  const numeric = readNumeric(value);
  if (numeric === undefined) return `k${Buffer.from(keyString(value)).toString('latin1')}`;
  if (numeric.type === 'int' || numeric.type === 'double') return numeric.value === 0 ? 0 : numeric.value;
  if (numeric.type === 'long') {
    const plain = Number(numeric.value);
    return BigInt(plain) === numeric.value ? plain : digitsKey(numeric.value, 0);
  }
  return decimalKey(value as Decimal128);
}

function decimalKey(value: Decimal128): string | number {
  const numeric = readNumeric(value);
  if (numeric?.type !== 'decimal') return 0;
  const { coefficient, exponent, special } = numeric.value;
  if (special !== undefined) return Number(special);
  const size = digitCount(magnitude(coefficient)) + exponent;
  if (coefficient === 0n) return 0;
  if (size < 310 && size > -340) {
    const plain = Number(`${coefficient}e${exponent}`);
    const exact = numericToDecimal({ type: 'double', value: plain });
    if (exact.special === undefined && sameDecimal(exact, numeric.value)) return plain;
  }
  return digitsKey(coefficient, exponent);
}

/** A number that no double can represent, by its digits. */
function digitsKey(coefficient: bigint, exponent: number): string {
  const size = digitCount(magnitude(coefficient)) + exponent;
  return `d${coefficient.toString().replace(/0+$/, '')}e${size}`;
}

function sameDecimal(a: { coefficient: bigint; exponent: number }, b: typeof a): boolean {
  const exponent = Math.min(a.exponent, b.exponent);
  const scale = (x: typeof a): bigint => x.coefficient * 10n ** BigInt(x.exponent - exponent);
  return scale(a) === scale(b);
}
