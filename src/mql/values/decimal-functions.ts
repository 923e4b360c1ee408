import {
  type Decimal,
  DIGITS,
  digitCount,
  INFINITY,
  isNegative,
  magnitude,
  NAN,
  NEGATIVE_INFINITY,
  power10,
  round,
  zero,
} from './decimal.ts';
import { divideDecimals, multiplyDecimals, quantize } from './decimal-math.ts';
import { quadruple } from './quadruple.ts';

// Exponentials and logarithms to 34 digits, by fixed-point integers with many more.

/** Digits after the point; a logarithm near 1 begins up to 33 digits behind it. */
const PLACES = 100;
const ONE = power10(PLACES);

const fixed = (n: bigint, d: bigint): bigint => (n * ONE) / d;
const times = (a: bigint, b: bigint): bigint => (a * b) / ONE;

/** 2 artanh(z), which is ln((1 + z) / (1 - z)). */
function artanh2(z: bigint): bigint {
  const square = times(z, z);
  let sum = 0n;
  let term = z;
  for (let n = 1n; term !== 0n; n += 2n) {
    sum += term / n;
    term = times(term, square);
  }
  return 2n * sum;
}

const UNIT: Decimal = { coefficient: 1n, exponent: 0 };
const LN2 = artanh2(fixed(1n, 3n));
const LN10 = 3n * LN2 + artanh2(fixed(1n, 9n));

/** The natural logarithm of a positive finite decimal, as a fixed-point integer. */
function lnFixed({ coefficient, exponent }: Decimal): bigint {
  const digits = digitCount(coefficient);
  let mantissa = fixed(coefficient, power10(digits - 1));
  let halves = 0n;
  while (2n * mantissa > 3n * ONE) {
    mantissa /= 2n;
    halves++;
  }
  const series = artanh2(((mantissa - ONE) * ONE) / (mantissa + ONE));
  return series + halves * LN2 + BigInt(exponent + digits - 1) * LN10;
}

/** The quadruple next to a fixed-point integer, as one. */
function toQuadruple(value: bigint): bigint {
  const { coefficient, exponent } = quadruple({ coefficient: value, exponent: -PLACES });
  const places = exponent + PLACES;
  return places >= 0 ? coefficient * power10(places) : coefficient / power10(-places);
}

/** A fixed-point integer as a decimal; a whole number has no zeros behind its point. */
const decimalOf = (value: bigint): Decimal =>
  value % ONE === 0n
    ? { coefficient: value / ONE, exponent: 0 }
    : round({ coefficient: value, exponent: -PLACES }, DIGITS);

/** e to the power of a fixed-point integer, with many digits. */
function expFixed(x: bigint): Decimal {
  const tens = (2n * x + (x < 0n ? -LN10 : LN10)) / (2n * LN10);
  const halvings = 16n;
  const part = (x - tens * LN10) / 2n ** halvings;
  let sum = ONE;
  let term = ONE;
  for (let n = 1n; term !== 0n; n++) {
    term = times(term, part) / n;
    sum += term;
  }
  for (let i = 0n; i < halvings; i++) sum = times(sum, sum);
  return { coefficient: sum, exponent: Number(tens) - PLACES };
}

/** Above this, e to the power of it is beyond the largest decimal; below its negative, beyond the smallest. */
const MAX_EXPONENT = 14_300n * ONE;

function exponential(x: bigint): Decimal {
  if (x > MAX_EXPONENT) return INFINITY;
  return x < -MAX_EXPONENT ? zero(-6176, false) : round(expFixed(x), DIGITS);
}

function toFixed(value: Decimal): bigint {
  if (digitCount(magnitude(value.coefficient)) + value.exponent > 40) {
    return value.coefficient < 0n ? -2n * MAX_EXPONENT : 2n * MAX_EXPONENT;
  }
  const { coefficient, exponent } = quantize(value, PLACES, 'halfEven');
  return coefficient * power10(PLACES + exponent);
}

/** Beyond this, MongoDB divides the power of e in two, and multiplies the decimals. */
const MAX_QUADRUPLE = 11_000n * ONE;

/** The power of e as MongoDB computes it: that of the quadruple, and of what the quadruple leaves. */
function powerOfE(x: bigint): Decimal {
  const high = toQuadruple(x);
  const excess = high > MAX_QUADRUPLE ? MAX_QUADRUPLE : high < -MAX_QUADRUPLE ? -MAX_QUADRUPLE : 0n;
  const power = quadruple(expFixed(high - excess));
  const whole = { coefficient: power.coefficient * (ONE + x - high), exponent: power.exponent - PLACES };
  const result = round(quadruple(whole), DIGITS);
  return excess === 0n ? result : round(multiplyDecimals(result, round(expFixed(excess), DIGITS)), DIGITS);
}

export function expDecimal(value: Decimal): Decimal {
  if (value.special === 'NaN' || value.special === 'Infinity') return value;
  if (value.special === '-Infinity') return zero(0, false);
  const x = toFixed(value);
  if (magnitude(x) < ONE / power10(40)) return UNIT;
  return magnitude(x) > MAX_EXPONENT ? exponential(x) : powerOfE(x);
}

/** A quadruple has no larger powers of ten, and no smaller ones. */
const MAX_TENS = 4464;

interface Logarithm {
  /** That of the part within the quadruples, as a fixed-point integer. */
  readonly part: bigint;
  /** The power of ten by which the number is larger. */
  readonly tens: number;
}

/** The natural logarithm as MongoDB computes it, in quadruples; near 1 with what the quadruple leaves. */
function logarithm(value: Decimal): Logarithm {
  const size = value.exponent + digitCount(value.coefficient) - 1;
  const tens = size >= MAX_TENS ? MAX_TENS : size < -MAX_TENS ? -MAX_TENS : 0;
  const within = { coefficient: value.coefficient, exponent: value.exponent - tens };
  const near = quadruple(within);
  const part = toQuadruple(lnFixed(near));
  if (tens !== 0 || size < -2 || size > 1) return { part, tens };
  const [x, y] = [toFixed(near), toFixed(within)];
  if (2n * magnitude(x - ONE) >= ONE) return { part, tens };
  const left = ((x - ONE - toQuadruple(y - ONE)) * ONE) / x;
  return { part: toQuadruple(part - left), tens };
}

/** The natural logarithm of a decimal that is not negative. */
export function lnDecimal(value: Decimal): Decimal {
  if (value.special !== undefined) return value;
  if (value.coefficient === 0n) return NEGATIVE_INFINITY;
  const { part, tens } = logarithm(value);
  return decimalOf(toQuadruple(part + toQuadruple(BigInt(tens) * LN10)));
}

/** The common logarithm of a decimal that is not negative. */
export function log10Decimal(value: Decimal): Decimal {
  if (value.special !== undefined) return value;
  if (value.coefficient === 0n) return NEGATIVE_INFINITY;
  const { part, tens } = logarithm(value);
  const common = toQuadruple((part * toQuadruple((ONE * ONE) / LN10)) / ONE);
  return decimalOf(toQuadruple(common + BigInt(tens) * ONE));
}

const isWhole = (value: Decimal): boolean => {
  if (value.exponent >= 0) return true;
  return value.coefficient % power10(Math.min(-value.exponent, 6200)) === 0n;
};

const isOdd = ({ coefficient, exponent }: Decimal): boolean =>
  exponent <= 0 && (coefficient / power10(-exponent)) % 2n !== 0n;

/** Of infinite operands: the size of the base decides. */
function powerOfSpecial(base: Decimal, exponent: Decimal): Decimal {
  if (exponent.special === undefined) {
    const negative = base.special === '-Infinity' && isWhole(exponent) && isOdd(exponent);
    if (exponent.coefficient < 0n) return zero(-6176, false);
    return negative ? NEGATIVE_INFINITY : INFINITY;
  }
  const size = base.special === undefined ? magnitude(base.coefficient) : 0n;
  const isLarge =
    base.special !== undefined || digitCount(size) + base.exponent > 1 || compareToOne(size, base) > 0;
  if (base.special === undefined && compareToOne(size, base) === 0) return UNIT;
  return isLarge === (exponent.special === 'Infinity') ? INFINITY : zero(0, false);
}

function compareToOne(size: bigint, { exponent }: Decimal): number {
  const [a, b] = exponent >= 0 ? [size * power10(Math.min(exponent, 40)), 1n] : [size, power10(-exponent)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Fills a number up to 34 digits with zeros, as MongoDB writes powers. */
function filled(value: Decimal): Decimal {
  const zeros = DIGITS - digitCount(magnitude(value.coefficient));
  if (value.special !== undefined || value.coefficient === 0n || zeros <= 0) return value;
  return { coefficient: value.coefficient * power10(zeros), exponent: value.exponent - zeros };
}

/** MongoDB's power of the greatest decimal is beyond the decimals, even with the exponent 1. */
function beyond(value: Decimal): Decimal {
  const isGreatest = magnitude(value.coefficient) === power10(DIGITS) - 1n && value.exponent === 6111;
  if (value.special !== undefined || !isGreatest) return value;
  return isNegative(value) ? NEGATIVE_INFINITY : INFINITY;
}

/** One decimal to the power of another; NaN for a negative base with an exponent that is not whole. */
export function powDecimal(base: Decimal, exponent: Decimal): Decimal {
  if (exponent.special === undefined && exponent.coefficient === 0n) return UNIT;
  if (base.special === 'NaN' || exponent.special === 'NaN') return NAN;
  if (base.special !== undefined || exponent.special !== undefined) return powerOfSpecial(base, exponent);
  if (base.coefficient === 0n) return zero(-6176, false);
  const whole = isWhole(exponent);
  if (isNegative(base) && !whole) return NAN;
  const count = whole ? toFixed(exponent) / ONE : 0n;
  if (whole && magnitude(count) <= 1000n) return beyond(filled(round(repeated(base, Number(count)), DIGITS)));
  const positive = { coefficient: magnitude(base.coefficient), exponent: base.exponent };
  const result = filled(exponential(times(toFixed(exponent), lnFixed(positive))));
  if (!isNegative(base) || !isOdd(exponent)) return result;
  if (result.special !== undefined) return NEGATIVE_INFINITY;
  return { coefficient: -result.coefficient, exponent: result.exponent };
}

function repeated(base: Decimal, count: number): Decimal {
  let result = UNIT;
  for (let i = 0; i < Math.abs(count); i++) result = round(multiplyDecimals(result, base), 2 * DIGITS);
  return count < 0 ? divideDecimals(UNIT, result) : result;
}
