import { Decimal128 } from 'bson';

/** A finite decimal is `coefficient * 10 ** exponent`; otherwise `special` says what it is. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
  /** The sign of a zero or of NaN, which the coefficient cannot have. */
  readonly minusZero?: true;
  readonly special?: 'NaN' | 'Infinity' | '-Infinity';
}

/** Significant digits of a decimal. */
export const DIGITS = 34;
const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;
const BIAS = 6176n;

export const NAN: Decimal = { coefficient: 0n, exponent: 0, special: 'NaN' };
/** NaN with a sign, which arithmetic keeps. */
const NEGATIVE_NAN: Decimal = { ...NAN, minusZero: true };
export const INFINITY: Decimal = { coefficient: 0n, exponent: 0, special: 'Infinity' };
export const NEGATIVE_INFINITY: Decimal = { coefficient: 0n, exponent: 0, special: '-Infinity' };

/** A zero with a sign. */
export const zero = (exponent: number, negative: boolean): Decimal =>
  negative ? { coefficient: 0n, exponent, minusZero: true } : { coefficient: 0n, exponent };

/** True for numbers below zero, -0 and -Infinity. */
export const isNegative = (value: Decimal): boolean =>
  value.special === '-Infinity' || value.coefficient < 0n || value.minusZero === true;

export const power10 = (n: number): bigint => 10n ** BigInt(n);
export const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);
/** The number of decimal digits of a non-negative integer. */
export const digitCount = (n: bigint): number => (n === 0n ? 0 : n.toString().length);

/** Reads the IEEE 754-2008 binary integer decimal form. */
export function readDecimal(value: Decimal128): Decimal {
  const { bytes } = value;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const low = view.getBigUint64(0, true);
  const high = view.getBigUint64(8, true);
  const negative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 31n);
  if (combination === 31) return negative ? NEGATIVE_NAN : NAN;
  if (combination === 30) return negative ? NEGATIVE_INFINITY : INFINITY;
  // A combination of 11xxx means a coefficient above 34 digits, which the standard reads as zero.
  if (combination >= 24) return zero(0, negative);
  const coefficient = ((high & 0x1ffffffffffffn) << 64n) | low;
  const exponent = Number(((high >> 49n) & 0x3fffn) - BIAS);
  if (coefficient === 0n) return zero(exponent, negative);
  return { coefficient: negative ? -coefficient : coefficient, exponent };
}

/** Rounds to 34 digits, half to even, and writes the 16 bytes. */
export function writeDecimal(value: Decimal): Decimal128 {
  if (value.special !== undefined) {
    const written = Decimal128.fromString(value.special);
    if (value.special !== 'NaN' || !value.minusZero) return written;
    // A copy: the library gives every NaN the same bytes.
    const bytes = Uint8Array.from(written.bytes);
    bytes[15] = 0xfc;
    return new Decimal128(bytes);
  }
  let { coefficient, exponent } = round(value, DIGITS);
  if (exponent < MIN_EXPONENT) {
    coefficient = divideRounded(coefficient, power10(Math.min(MIN_EXPONENT - exponent, 40)));
    exponent = MIN_EXPONENT;
  }
  while (exponent > MAX_EXPONENT && coefficient !== 0n && digitCount(magnitude(coefficient)) < DIGITS) {
    coefficient *= 10n;
    exponent--;
  }
  if (exponent > MAX_EXPONENT) {
    if (coefficient !== 0n) return writeDecimal(isNegative(value) ? NEGATIVE_INFINITY : INFINITY);
    exponent = MAX_EXPONENT;
  }
  const bytes = Buffer.alloc(16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const unsigned = magnitude(coefficient);
  view.setBigUint64(0, unsigned & 0xffffffffffffffffn, true);
  const sign = isNegative(value) ? 1n << 63n : 0n;
  view.setBigUint64(8, sign | ((BigInt(exponent) + BIAS) << 49n) | (unsigned >> 64n), true);
  return new Decimal128(bytes);
}

/** Integer quotient rounded half to even; `divisor` is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = magnitude(dividend % divisor) * 2n;
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

/** The value with at most `digits` significant digits. */
export function round(value: Decimal, digits: number): Decimal {
  const excess = digitCount(magnitude(value.coefficient)) - digits;
  if (excess <= 0 || value.special !== undefined) return value;
  const coefficient = divideRounded(value.coefficient, power10(excess));
  return round({ coefficient, exponent: value.exponent + excess }, digits);
}

/** Parses MongoDB's text form of a decimal or number; `undefined` if invalid. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || whole + fraction === '') {
    if (/^\+?inf(inity)?$/i.test(text)) return INFINITY;
    if (/^-inf(inity)?$/i.test(text)) return NEGATIVE_INFINITY;
    if (/^-nan$/i.test(text)) return NEGATIVE_NAN;
    return /^\+?nan$/i.test(text) ? NAN : undefined;
  }
  const digits = BigInt(whole + fraction);
  const exponent = Number(match[4] ?? 0) - fraction.length;
  if (digits === 0n) return zero(exponent, match[1] === '-');
  return { coefficient: match[1] === '-' ? -digits : digits, exponent };
}

/** A double as a decimal of 15 significant digits: MongoDB's conversion of a double. */
export function decimalFromDouble(value: number): Decimal {
  if (value === 0) return zero(0, Object.is(value, -0));
  return parseDecimal(Number.isFinite(value) ? value.toPrecision(15) : String(value)) ?? NAN;
}

/** A double's exact decimal expansion (up to 767 digits). */
export function exactDecimal(value: number): Decimal {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? NAN : value > 0 ? INFINITY : NEGATIVE_INFINITY;
  if (value === 0) return zero(0, Object.is(value, -0));
  if (Number.isSafeInteger(value)) return { coefficient: BigInt(value), exponent: 0 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  let mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  let power = (biased === 0 ? 1 : biased) - 1075;
  while (power < 0 && mantissa !== 0n && (mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    power++;
  }
  const signed = value < 0 ? -mantissa : mantissa;
  if (power >= 0) return { coefficient: signed << BigInt(power), exponent: 0 };
  return { coefficient: signed * 5n ** BigInt(-power), exponent: power };
}

export function decimalToNumber(value: Decimal): number {
  if (value.special !== undefined) return Number(value.special);
  const magnitude = Number(`${value.coefficient}e${value.exponent}`);
  return value.minusZero === true ? -0 : magnitude;
}

/** Exact order of two decimals; NaN is below all numbers and equal to itself. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const x = order(a);
  const y = order(b);
  if (x !== y || a.special !== undefined) return Math.sign(x - y);
  if (a.coefficient === 0n) return 0;
  const sizeA = digitCount(magnitude(a.coefficient)) + a.exponent;
  const sizeB = digitCount(magnitude(b.coefficient)) + b.exponent;
  if (sizeA !== sizeB) return (sizeA < sizeB ? -1 : 1) * (a.coefficient < 0n ? -1 : 1);
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * power10(a.exponent - exponent);
  const right = b.coefficient * power10(b.exponent - exponent);
  return left < right ? -1 : left > right ? 1 : 0;
}

function order(value: Decimal): number {
  switch (value.special) {
    case 'NaN':
      return -3;
    case '-Infinity':
      return -2;
    case 'Infinity':
      return 2;
    default:
      return value.coefficient === 0n ? 0 : value.coefficient < 0n ? -1 : 1;
  }
}
