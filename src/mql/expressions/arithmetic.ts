import { badInput } from '../../errors.ts';
import {
  add,
  coerceToDecimal,
  divide,
  multiply,
  numericOperand,
  power,
  remainder,
  subtract,
} from '../values/arithmetic.ts';
import {
  type Decimal,
  DIGITS,
  decimalToNumber,
  digitCount,
  exactDecimal,
  INFINITY,
  isNegative,
  magnitude,
  NAN,
  power10,
  zero,
} from '../values/decimal.ts';
import { negateDecimal, quantize, type Rounding } from '../values/decimal-math.ts';
import { isDocument } from '../values/fields.ts';
import {
  double,
  fitsLong,
  integer,
  long,
  type Numeric,
  numericToNumber,
  readNumeric,
  toInteger,
  toNumber,
  writeNumeric,
} from '../values/numbers.ts';
import { createSum } from '../values/sum.ts';
import { isNullish, isNumeric, T, typeNumber } from '../values/types.ts';
import { binary, type ExpressionFamily, several, unary, untilNull, wrongType } from './operator.ts';

const isDate = (value: unknown): value is Date => typeNumber(value) === T.date;

function sumOf(values: readonly unknown[], name: string): unknown {
  const dates: Date[] = [];
  const numbers: Numeric[] = [];
  const operands = untilNull(values, (value) =>
    isDate(value) ? dates.push(value) : numbers.push(numericOperand(value, name)),
  );
  if (dates.length > 1) throw badInput(`${name} can take only one date.`);
  if (operands === undefined) return null;
  const [a, b] = numbers;
  if (operands.length === 2 && a !== undefined && b !== undefined) return add(a, b);
  // Beside a decimal, every operand becomes one first.
  const hasDecimal = numbers.some(({ type }) => type === 'decimal');
  const sum = createSum();
  for (const number of numbers) {
    sum.add(hasDecimal ? { type: 'decimal', value: coerceToDecimal(number) } : number);
  }
  const total = sum.result();
  return dates[0] === undefined ? total : shifted(dates[0], toNumber(total));
}

function shifted(date: Date, ms: number): Date {
  // Halves are rounded away from zero.
  const result = new Date(date.getTime() + Math.sign(ms) * Math.round(Math.abs(ms)));
  if (Number.isNaN(result.getTime())) throw badInput('The resulting date is out of range.');
  return result;
}

function difference(a: unknown, b: unknown, name: string): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (isDate(a)) {
    if (isDate(b)) return long(a.getTime() - b.getTime());
    return shifted(a, -numericToNumber(numericOperand(b, name)));
  }
  return subtract(numericOperand(a, name), numericOperand(b, name));
}

const arithmetic2 = (apply: (a: Numeric, b: Numeric) => unknown) =>
  binary((a, b, name) =>
    isNullish(a) || isNullish(b) ? null : apply(numericOperand(a, name), numericOperand(b, name)),
  );

const numeric1 = (apply: (value: Numeric) => unknown) =>
  unary((value, name) => (isNullish(value) ? null : apply(numericOperand(value, name))));

function product(values: readonly unknown[], name: string): unknown {
  const operands = untilNull(values, (value) => numericOperand(value, name));
  if (operands === undefined) return null;
  let result: unknown = 1;
  for (const operand of operands) result = multiply(numericOperand(result, name), operand);
  return result;
}

/**
 * $ceil and $floor: integers are unchanged, doubles and decimals rounded. A decimal that has no form without an
 * exponent (an infinity, or more than 34 digits) becomes NaN, as in MongoDB.
 */
function whole(rounding: 'ceil' | 'floor') {
  return numeric1((value) => {
    if (value.type === 'double') return double(Math[rounding](value.value));
    if (value.type !== 'decimal') return writeNumeric(value);
    const { coefficient, exponent, special } = value.value;
    const tooLong =
      exponent > 0 && coefficient !== 0n && digitCount(magnitude(coefficient)) + exponent > DIGITS;
    if (special !== undefined || tooLong) return writeNumeric({ type: 'decimal', value: NAN });
    return writeNumeric({ type: 'decimal', value: padded(quantize(value.value, 0, rounding), 0) });
  });
}

/** $round (half to even) and $trunc, to `place` digits after the decimal point or, if negative, before it. */
function places(rounding: Rounding) {
  return several(1, 2, (values, name) => {
    const [input, place = 0] = values;
    if (isNullish(input) || (values.length === 2 && isNullish(values[1]))) return null;
    const numeric = numericOperand(input, name);
    const digits = toInteger(place);
    if (digits === undefined || digits < -20n || digits > 100n) {
      throw badInput(`${name} takes a whole number of places from -20 to 100.`);
    }
    return rounded(numeric, Number(digits), rounding);
  });
}

function rounded(value: Numeric, digits: number, rounding: Rounding): unknown {
  if (value.type === 'decimal') {
    const result = quantize(value.value, digits, rounding);
    return writeNumeric({
      type: 'decimal',
      value: fits(result, digits) ? padded(result, digits) : whole34(result),
    });
  }
  if (value.type === 'double') {
    if (!Number.isFinite(value.value)) return value.value;
    const result = decimalToNumber(quantize(exactDecimal(value.value), digits, rounding));
    return double(result === 0 && (value.value < 0 || Object.is(value.value, -0)) ? -0 : result);
  }
  if (digits >= 0) return writeNumeric(value);
  const exact = quantize({ coefficient: BigInt(value.value), exponent: 0 }, digits, rounding);
  const whole = exact.coefficient * 10n ** BigInt(exact.exponent);
  if (!fitsLong(whole)) throw badInput(`${whole}, the rounded number, does not fit in a long.`);
  return integer(whole, value.type);
}

/** True if the decimal can be written with `places` digits after the point, which takes 34 digits at most. */
function fits({ coefficient, exponent, special }: Decimal, places: number): boolean {
  return (
    special !== undefined ||
    coefficient === 0n ||
    digitCount(magnitude(coefficient)) + exponent + places <= DIGITS
  );
}

/** The decimal written with all its 34 digits, as MongoDB rounds one that has no room for so many places. */
function whole34(value: Decimal): Decimal {
  const zeros = DIGITS - digitCount(magnitude(value.coefficient));
  return { coefficient: value.coefficient * power10(zeros), exponent: value.exponent - zeros };
}

/** The decimal padded with zeros to `places` digits after the point, as far as 34 digits allow. */
function padded(value: Decimal, places: number): Decimal {
  const zeros = value.exponent + places;
  if (value.special !== undefined || zeros <= 0) return value;
  if (value.coefficient === 0n) return zero(-places, isNegative(value));
  if (!fits(value, places)) return value;
  return { coefficient: value.coefficient * power10(zeros), exponent: -places };
}

const $abs = numeric1((value) => {
  if (value.type === 'double') return double(Math.abs(value.value));
  if (value.type === 'decimal') {
    const { special } = value.value;
    if (special !== undefined) {
      return writeNumeric({ type: 'decimal', value: special === 'NaN' ? NAN : INFINITY });
    }
    const positive = isNegative(value.value) ? negateDecimal(value.value) : value.value;
    return writeNumeric({ type: 'decimal', value: positive });
  }
  const exact = BigInt(value.value);
  if (exact === -(2n ** 63n)) throw badInput('$abs cannot take the absolute value of the smallest long.');
  return integer(exact < 0n ? -exact : exact, value.type);
});

/** The values of accumulators used as expressions: one array operand, or the operands themselves. */
export function spread(values: readonly unknown[]): readonly unknown[] {
  return values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
}

function total(values: readonly unknown[]): unknown {
  const sum = createSum();
  for (const value of spread(values)) {
    const numeric = readNumeric(value);
    if (numeric !== undefined) sum.add(numeric);
  }
  return sum.result();
}

function average(values: readonly unknown[]): unknown {
  const sum = createSum();
  let count = 0;
  for (const value of spread(values)) {
    const numeric = readNumeric(value);
    if (numeric === undefined) continue;
    // As an expression, MongoDB's average takes longs as doubles; as an accumulator it does not.
    sum.add(numeric.type === 'long' ? { type: 'double', value: Number(numeric.value) } : numeric);
    count++;
  }
  return count === 0 ? null : sum.mean(count);
}

function bitwise(identity: number, apply: (a: bigint, b: bigint) => bigint) {
  return several(0, Number.POSITIVE_INFINITY, (values, name) => {
    const operands = untilNull(values, (value) => {
      const numeric = readNumeric(value);
      if (numeric?.type === 'int' || numeric?.type === 'long') return numeric;
      throw wrongType(name, 'ints or longs', value);
    });
    if (operands === undefined) return null;
    let width: 'int' | 'long' = 'int';
    let result = BigInt(identity);
    for (const { type, value } of operands) {
      if (type === 'long') width = 'long';
      result = apply(result, BigInt(value));
    }
    return integer(result, width);
  });
}

export const arithmetic: ExpressionFamily = {
  $add: several(0, Number.POSITIVE_INFINITY, sumOf),
  $subtract: binary(difference),
  $multiply: several(0, Number.POSITIVE_INFINITY, product),
  $divide: arithmetic2(divide),
  $mod: arithmetic2(remainder),
  $pow: arithmetic2(power),
  $abs,
  $ceil: whole('ceil'),
  $floor: whole('floor'),
  $round: places('halfEven'),
  $trunc: places('down'),
  $sum: several(0, Number.POSITIVE_INFINITY, total),
  $avg: several(0, Number.POSITIVE_INFINITY, average),
  $bitAnd: bitwise(-1, (a, b) => a & b),
  $bitOr: bitwise(0, (a, b) => a | b),
  $bitXor: bitwise(0, (a, b) => a ^ b),
  $bitNot: numeric1((value) => {
    if (value.type !== 'int' && value.type !== 'long')
      throw wrongType('$bitNot', 'an int or long', value.value);
    return integer(~BigInt(value.value), value.type);
  }),
  $isNumber: unary(isNumeric),
  $rand: (argument, _scope, name) => {
    const isEmpty = Array.isArray(argument)
      ? argument.length === 0
      : isDocument(argument) && Object.keys(argument).length === 0;
    if (!isEmpty) {
      throw badInput(`${name} takes no operands: {$rand: {}}.`);
    }
    return () => double(Math.random());
  },
};
