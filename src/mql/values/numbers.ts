import { Decimal128, Double, Int32, Long } from 'bson';
import {
  compareDecimals,
  type Decimal,
  decimalToNumber,
  divideRounded,
  exactDecimal,
  power10,
  readDecimal,
  writeDecimal,
} from './decimal.ts';
import { isInt32 } from './types.ts';

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/** A value of one of the four numeric types, decomposed. */
export type Numeric =
  | { readonly type: 'int' | 'double'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'decimal'; readonly value: Decimal };

/** Decomposes a numeric value; `undefined` for any other value. */
export function readNumeric(value: unknown): Numeric | undefined {
  if (typeof value === 'number') return { type: isInt32(value) ? 'int' : 'double', value };
  if (typeof value === 'bigint') return { type: 'long', value };
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Double) return { type: 'double', value: value.value };
  if (value instanceof Int32) return { type: 'int', value: value.value };
  if (value instanceof Decimal128) return { type: 'decimal', value: readDecimal(value) };
  // Timestamp is a subclass of Long.
  if (value instanceof Long && value._bsontype === 'Long') return { type: 'long', value: value.toBigInt() };
  return undefined;
}

/** A double in its lossless form: integral values of int32 range are boxed. */
export function double(value: number): unknown {
  return isInt32(value) ? new Double(value) : value;
}

/** An integer as int if it fits (unless `atLeast` is "long"), else as long if it fits, else as double. */
export function integer(value: bigint, atLeast: 'int' | 'long' = 'int'): unknown {
  if (atLeast === 'int' && value >= -2147483648n && value <= 2147483647n) return Number(value);
  return fitsLong(value) ? Long.fromBigInt(value) : double(Number(value));
}

/** A long, whatever its size. */
export function long(value: bigint | number): Long {
  return typeof value === 'bigint' ? Long.fromBigInt(value) : Long.fromNumber(value);
}

export function fitsLong(value: bigint): boolean {
  return value >= MIN_LONG && value <= MAX_LONG;
}

export function writeNumeric(numeric: Numeric): unknown {
  if (numeric.type === 'decimal') return writeDecimal(numeric.value);
  if (numeric.type === 'long') return Long.fromBigInt(numeric.value);
  return numeric.type === 'double' ? double(numeric.value) : numeric.value;
}

/** A numeric value as a double; NaN if it is not a number. Longs and decimals may lose digits. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const numeric = readNumeric(value);
  return numeric === undefined ? Number.NaN : numericToNumber(numeric);
}

export function numericToNumber(numeric: Numeric): number {
  return numeric.type === 'decimal' ? decimalToNumber(numeric.value) : Number(numeric.value);
}

/** True for 0, -0 and decimal zeros of any exponent, but not for a decimal too small for a double. */
export function isZero(numeric: Numeric): boolean {
  if (numeric.type !== 'decimal') return Number(numeric.value) === 0;
  return numeric.value.special === undefined && numeric.value.coefficient === 0n;
}

/** The exact value as a decimal. */
export function numericToDecimal(numeric: Numeric): Decimal {
  if (numeric.type === 'decimal') return numeric.value;
  if (numeric.type === 'long') return { coefficient: numeric.value, exponent: 0 };
  return exactDecimal(numeric.value);
}

/** The value if it is an integer of any numeric type (2, 2.0, Long 2, Decimal 2.0). */
export function toInteger(value: unknown): bigint | undefined {
  const numeric = readNumeric(value);
  if (numeric === undefined) return undefined;
  if (numeric.type === 'long') return numeric.value;
  if (numeric.type !== 'decimal') {
    return Number.isInteger(numeric.value) ? BigInt(numeric.value) : undefined;
  }
  const { coefficient, exponent, special } = numeric.value;
  if (special !== undefined || exponent > 40) return undefined;
  if (exponent >= 0) return coefficient * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(Math.min(-exponent, 40));
  return coefficient % divisor === 0n ? coefficient / divisor : undefined;
}

/** A number as MongoDB makes an integer of it: doubles are cut, decimals rounded half to even; NaN if it is none. */
export function roundedNumber(value: unknown): number {
  const numeric = readNumeric(value);
  if (numeric === undefined) return Number.NaN;
  if (numeric.type !== 'decimal') return Math.trunc(Number(numeric.value));
  const { coefficient, exponent, special } = numeric.value;
  if (special !== undefined || exponent >= 0) return decimalToNumber(numeric.value);
  return Number(divideRounded(coefficient, power10(Math.min(-exponent, 6176))));
}

/** Like `toInteger`, for int32 values. */
export function toInt32(value: unknown): number | undefined {
  const found = typeof value === 'number' ? value : Number(toInteger(value) ?? Number.NaN);
  return (found | 0) === found ? found | 0 : undefined;
}

/** Exact order of two numeric values of any types; NaN is below all others and equal to itself. */
export function compareNumbers(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return comparePlain(a, b);
  const x = readNumeric(a);
  const y = readNumeric(b);
  if (x === undefined || y === undefined) return 0;
  if (x.type === 'decimal' || y.type === 'decimal') {
    return compareDecimals(numericToDecimal(x), numericToDecimal(y));
  }
  return comparePlain(x.value, y.value);
}

// JavaScript compares a bigint with a double exactly.
function comparePlain(x: number | bigint, y: number | bigint): number {
  if (x < y) return -1;
  if (x > y) return 1;
  return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
}

export function isNaNValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  const numeric = readNumeric(value);
  return numeric?.type === 'decimal' ? numeric.value.special === 'NaN' : Number.isNaN(numeric?.value);
}
