import { BSONRegExp } from 'bson';
import { badInput } from '../../errors.ts';
import { equals, storedBytes } from '../values/compare.ts';
import { fitsLong, numericToDecimal, numericToNumber, readNumeric } from '../values/numbers.ts';
import { compileRegex, compileRegexValue } from '../values/regex.ts';
import { testText } from '../values/regex-watch.ts';
import { T, typeNumber } from '../values/types.ts';
import { type Condition, leaf } from './condition.ts';
import type { FieldOperator } from './context.ts';

/** Strings that the expression matches, and stored regular expressions that equal it. */
export function matchRegex(regex: RegExp, stored: unknown): Condition {
  return leaf((value) => {
    if (typeof value === 'string') return testText(regex, value);
    return typeNumber(value) === T.regex && equals(value, stored);
  }, true);
}

const $regex: FieldOperator = (operand, _context, siblings) => {
  const options = siblings['$options'];
  if (options !== undefined && typeof options !== 'string') throw badInput('$options must be a string.');
  if (typeof operand === 'string') {
    return matchRegex(compileRegex(operand, options ?? ''), new BSONRegExp(operand, options ?? ''));
  }
  if (typeNumber(operand) !== T.regex) throw badInput('$regex must be a string or a regular expression.');
  if (options !== undefined) {
    const { pattern } = operand as { pattern?: string };
    const own = (operand as { options?: string; flags?: string }).options ?? (operand as RegExp).flags;
    if (own !== '') throw badInput('Options are set both in $regex and in $options. Set them once.');
    const text = pattern ?? (operand as RegExp).source;
    return matchRegex(compileRegex(text, options), new BSONRegExp(text, options));
  }
  return matchRegex(compileRegexValue(operand), operand);
};

/** The integer part of a finite number, as in C++'s conversion to int64. */
function integerPart(value: unknown): bigint | undefined {
  const numeric = readNumeric(value);
  if (numeric === undefined) return undefined;
  if (numeric.type === 'long') return numeric.value;
  if (numeric.type !== 'decimal') {
    return Number.isFinite(numeric.value) ? BigInt(Math.trunc(numeric.value)) : undefined;
  }
  const { coefficient, exponent, special } = numericToDecimal(numeric);
  if (special !== undefined || exponent > 40) return undefined;
  return exponent >= 0 ? coefficient * 10n ** BigInt(exponent) : coefficient / 10n ** BigInt(-exponent);
}

const $mod: FieldOperator = (operand) => {
  if (!Array.isArray(operand) || operand.length !== 2) {
    throw badInput('$mod needs an array of two numbers: [divisor, remainder].');
  }
  const divisor = integerPart(operand[0]);
  const remainder = integerPart(operand[1]);
  if (divisor === undefined || remainder === undefined) throw badInput('$mod needs two finite numbers.');
  if (!fitsLong(divisor) || !fitsLong(remainder)) throw badInput('The numbers of $mod must fit in a long.');
  if (divisor === 0n) throw badInput('The divisor of $mod cannot be 0.');
  return leaf((value) => {
    const whole = integerPart(value);
    return whole !== undefined && fitsLong(whole) && whole % divisor === remainder;
  }, true);
};

/** The bits named by an operand of `$bitsAllSet` and similar operators. */
function bitMask(name: string, operand: unknown): bigint {
  if (Array.isArray(operand)) {
    let mask = 0n;
    for (const position of operand) {
      const bit = numberOf(position);
      if (!Number.isInteger(bit) || bit < 0 || bit > 2147483647) {
        throw badInput(`${name} takes bit positions from 0 to 2147483647.`);
      }
      mask |= 1n << BigInt(Math.min(bit, 8191));
    }
    return mask;
  }
  if (typeNumber(operand) === T.binData) return binaryBits(operand);
  const value = numberOf(operand);
  const whole = integerPart(operand);
  if (whole === undefined || !Number.isInteger(value) || whole < 0n || !fitsLong(whole)) {
    throw badInput(`${name} needs a non-negative long, an array of bit positions, or binary data.`);
  }
  return whole;
}

const numberOf = (value: unknown): number => {
  const numeric = readNumeric(value);
  return numeric === undefined ? Number.NaN : numericToNumber(numeric);
};

function binaryBits(value: unknown): bigint {
  const hex = storedBytes(value).reverse().toString('hex');
  return hex === '' ? 0n : BigInt(`0x${hex}`);
}

/** The bits of a value; negative numbers are two's complement with the sign extended. */
function bitsOf(value: unknown): bigint | undefined {
  if (typeNumber(value) === T.binData) return binaryBits(value);
  const number = numberOf(value);
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 63) return undefined;
  return integerPart(value);
}

function bits(name: string, passes: (set: bigint, mask: bigint) => boolean): FieldOperator {
  return (operand) => {
    const mask = bitMask(name, operand);
    return leaf((value) => {
      const found = bitsOf(value);
      return found !== undefined && passes(found & mask, mask);
    }, true);
  };
}

export const evaluation: { [name: string]: FieldOperator } = {
  $regex,
  $options: (_operand, _context, siblings) => {
    if (siblings['$regex'] === undefined) throw badInput('$options needs a $regex beside it.');
    return leaf(() => true, false);
  },
  $mod,
  $bitsAllSet: bits('$bitsAllSet', (set, mask) => set === mask),
  $bitsAnySet: bits('$bitsAnySet', (set) => set !== 0n),
  $bitsAllClear: bits('$bitsAllClear', (set) => set === 0n),
  $bitsAnyClear: bits('$bitsAnyClear', (set, mask) => set !== mask),
};
