import {
  type Decimal,
  DIGITS,
  digitCount,
  divideRounded,
  INFINITY,
  isNegative,
  magnitude,
  NAN,
  NEGATIVE_INFINITY,
  power10,
  round,
  zero,
} from './decimal.ts';

const sign = (value: Decimal): number =>
  value.special === '-Infinity' || value.coefficient < 0n
    ? -1
    : value.special === undefined && value.coefficient === 0n
      ? 0
      : 1;
const signedInfinity = (negative: boolean): Decimal => (negative ? NEGATIVE_INFINITY : INFINITY);

/** The exact sum; infinities and NaN as in IEEE 754. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) return addSpecial(a, b);
  // Beyond this distance the smaller operand cannot change 34 digits; a sticky digit preserves rounding.
  const limit = 90;
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a];
  const distance = high.exponent - low.exponent;
  if (high.coefficient !== 0n && distance > limit) {
    const sticky = low.coefficient === 0n ? 0n : low.coefficient < 0n ? -1n : 1n;
    return { coefficient: high.coefficient * power10(limit) + sticky, exponent: high.exponent - limit };
  }
  const coefficient =
    high.coefficient === 0n ? low.coefficient : high.coefficient * power10(distance) + low.coefficient;
  if (coefficient === 0n) return zero(low.exponent, a.minusZero === true && b.minusZero === true);
  return { coefficient, exponent: low.exponent };
}

/** The sum if at least one operand is infinite or NaN. */
function addSpecial(a: Decimal, b: Decimal): Decimal {
  if (a.special === 'NaN') return a;
  if (b.special === 'NaN') return b;
  if (a.special !== undefined && b.special !== undefined) return a.special === b.special ? a : NAN;
  return a.special === undefined ? b : a;
}

export function negateDecimal(value: Decimal): Decimal {
  if (value.special === undefined && value.coefficient === 0n) return zero(value.exponent, !value.minusZero);
  if (value.special === undefined) return { coefficient: -value.coefficient, exponent: value.exponent };
  return value.special === 'NaN' ? value : signedInfinity(value.special === 'Infinity');
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    const signs = sign(a) * sign(b);
    if (a.special === 'NaN') return a;
    if (b.special === 'NaN') return b;
    if (signs === 0) return NAN;
    return signedInfinity(signs < 0);
  }
  const coefficient = a.coefficient * b.coefficient;
  if (coefficient === 0n) return zero(a.exponent + b.exponent, isNegative(a) !== isNegative(b));
  return { coefficient, exponent: a.exponent + b.exponent };
}

/** The quotient to 34 digits; `b` is not zero. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special !== undefined) {
    if (a.special === 'NaN') return a;
    if (b.special === 'NaN') return b;
    if (a.special && b.special) return NAN;
    const negative = isNegative(a) !== isNegative(b);
    return a.special === undefined ? zero(0, negative) : signedInfinity(negative);
  }
  if (a.coefficient === 0n) return zero(a.exponent - b.exponent, isNegative(a) !== isNegative(b));
  const shift = Math.max(
    0,
    DIGITS + 2 + digitCount(magnitude(b.coefficient)) - digitCount(magnitude(a.coefficient)),
  );
  const dividend = a.coefficient * power10(shift);
  const quotient = dividend / b.coefficient;
  const exponent = a.exponent - b.exponent - shift;
  if (dividend % b.coefficient !== 0n) {
    const sticky = dividend < 0n === b.coefficient < 0n ? 1n : -1n;
    return round({ coefficient: quotient * 10n + sticky, exponent: exponent - 1 }, DIGITS);
  }
  return stripZeros(round({ coefficient: quotient, exponent }, DIGITS), a.exponent - b.exponent);
}

function stripZeros(value: Decimal, ideal: number): Decimal {
  let { coefficient, exponent } = value;
  while (exponent < ideal && coefficient !== 0n && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return { coefficient, exponent };
}

/** The remainder with the sign of the dividend; `b` is not zero. */
export function remainderDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== undefined || b.special === 'NaN') return NAN;
  if (b.special !== undefined) return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.coefficient * power10(a.exponent - exponent);
  const coefficient = left % (b.coefficient * power10(b.exponent - exponent));
  return coefficient === 0n ? zero(exponent, isNegative(a)) : { coefficient, exponent };
}

export type Rounding = 'halfEven' | 'down' | 'floor' | 'ceil';

/** Rounds to a multiple of 10^-places. */
export function quantize(value: Decimal, places: number, rounding: Rounding): Decimal {
  if (value.special !== undefined || value.exponent >= -places) return value;
  if (value.coefficient === 0n) return zero(-places, isNegative(value));
  const divisor = power10(-places - value.exponent);
  const coefficient = divideBy(value.coefficient, divisor, rounding);
  return coefficient === 0n ? zero(-places, isNegative(value)) : { coefficient, exponent: -places };
}

function divideBy(coefficient: bigint, divisor: bigint, rounding: Rounding): bigint {
  if (rounding === 'halfEven') return divideRounded(coefficient, divisor);
  const quotient = coefficient / divisor;
  const exact = coefficient % divisor === 0n;
  if (exact || rounding === 'down') return quotient;
  if (rounding === 'floor') return coefficient < 0n ? quotient - 1n : quotient;
  return coefficient > 0n ? quotient + 1n : quotient;
}

/** The square root to 34 digits; `value` is not negative. */
export function sqrtDecimal(value: Decimal): Decimal {
  if (value.special !== undefined || value.coefficient === 0n) return value;
  const digits = digitCount(value.coefficient);
  let shift = Math.max(0, 2 * (DIGITS + 2) - digits);
  if ((value.exponent - shift) % 2 !== 0) shift++;
  const scaled = value.coefficient * power10(shift);
  const root = integerSqrt(scaled);
  const exponent = (value.exponent - shift) / 2;
  if (root * root !== scaled) return round({ coefficient: root * 10n + 1n, exponent: exponent - 1 }, DIGITS);
  return stripZeros({ coefficient: root, exponent }, Math.floor(value.exponent / 2));
}

function integerSqrt(value: bigint): bigint {
  let guess = power10(Math.ceil(digitCount(value) / 2) + 1);
  for (;;) {
    const next = (guess + value / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}
