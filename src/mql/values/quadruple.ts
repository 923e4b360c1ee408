import { type Decimal, digitCount, magnitude, power10 } from './decimal.ts';

// MongoDB computes exponentials and logarithms of decimals in quadruples, which have hardly more digits than a decimal:
// the last digit of a result depends on where they were rounded.

const BITS = 113;
/** Digits that hold a quadruple as good as exactly. */
const ENOUGH = 100;

const bitsOf = (value: bigint): number => value.toString(2).length;
const shifted = (value: bigint, by: number): bigint => (by >= 0 ? value << BigInt(by) : value >> BigInt(-by));

/** p / q with 113 bits, as an integer times a power of two; of two that are as near, the even one. */
function nearest(p: bigint, q: bigint): { readonly mantissa: bigint; readonly exponent: number } {
  const scaled = (by: number): readonly [bigint, bigint] =>
    by >= 0 ? [p << BigInt(by), q] : [p, q << BigInt(-by)];
  const quotient = ([a, b]: readonly [bigint, bigint]): bigint => a / b;
  let by = BITS - bitsOf(p) + bitsOf(q);
  by -= bitsOf(quotient(scaled(by))) - BITS;
  const [a, b] = scaled(by + 1);
  const doubled = a / b;
  const isTie = doubled * b === a && (doubled & 3n) === 1n;
  return { mantissa: (isTie ? doubled : doubled + 1n) >> 1n, exponent: -by };
}

/** The quadruple next to a finite decimal. */
export function quadruple({ coefficient, exponent }: Decimal): Decimal {
  if (coefficient === 0n) return { coefficient, exponent };
  const size = magnitude(coefficient);
  const found = exponent >= 0 ? nearest(size * power10(exponent), 1n) : nearest(size, power10(-exponent));
  const places = exponent + digitCount(size) - ENOUGH;
  const grown = shifted(found.mantissa * power10(Math.max(0, -places)), Math.max(0, found.exponent));
  const result = shifted(grown / power10(Math.max(0, places)), Math.min(0, found.exponent));
  return { coefficient: coefficient < 0n ? -result : result, exponent: places };
}
