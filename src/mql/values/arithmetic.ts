import { badInput } from '../../errors.ts';
import { type Decimal, decimalFromDouble } from './decimal.ts';
import { powDecimal } from './decimal-functions.ts';
import {
  addDecimals,
  divideDecimals,
  multiplyDecimals,
  negateDecimal,
  remainderDecimals,
} from './decimal-math.ts';
import {
  double,
  fitsLong,
  integer,
  isZero,
  type Numeric,
  numericToNumber,
  readNumeric,
  writeNumeric,
} from './numbers.ts';
import { createSum } from './sum.ts';
import { typeName } from './types.ts';

/** MongoDB's conversion of an operand next to a decimal: a double keeps 15 digits. */
export function coerceToDecimal(numeric: Numeric): Decimal {
  if (numeric.type === 'decimal') return numeric.value;
  if (numeric.type === 'double') return decimalFromDouble(numeric.value);
  return { coefficient: BigInt(numeric.value), exponent: 0 };
}

const decimal = (value: Decimal): unknown => writeNumeric({ type: 'decimal', value });
const isDecimal = (a: Numeric, b: Numeric): boolean => a.type === 'decimal' || b.type === 'decimal';
const isDouble = (a: Numeric, b: Numeric): boolean => a.type === 'double' || b.type === 'double';
const widest = (a: Numeric, b: Numeric): 'int' | 'long' =>
  a.type === 'long' || b.type === 'long' ? 'long' : 'int';

/** a + b: int overflows to long, long to double; a decimal makes the result decimal. */
export function add(a: Numeric, b: Numeric): unknown {
  if (isDecimal(a, b)) return decimal(addDecimals(coerceToDecimal(a), coerceToDecimal(b)));
  const sum = createSum();
  sum.add(a);
  sum.add(b);
  return sum.result();
}

export function subtract(a: Numeric, b: Numeric): unknown {
  if (isDecimal(a, b)) return decimal(addDecimals(coerceToDecimal(a), negateDecimal(coerceToDecimal(b))));
  if (isDouble(a, b)) return double(numericToNumber(a) - numericToNumber(b));
  return integer(BigInt(a.value as number) - BigInt(b.value as number), widest(a, b));
}

export function multiply(a: Numeric, b: Numeric): unknown {
  if (isDecimal(a, b)) return decimal(multiplyDecimals(coerceToDecimal(a), coerceToDecimal(b)));
  if (isDouble(a, b)) return double(numericToNumber(a) * numericToNumber(b));
  return integer(BigInt(a.value as number) * BigInt(b.value as number), widest(a, b));
}

/** a / b: a double unless one is a decimal. @throws HydrogenError bad_input when b is 0 */
export function divide(a: Numeric, b: Numeric): unknown {
  if (isZero(b)) throw badInput('$divide cannot divide by zero.');
  if (isDecimal(a, b)) return decimal(divideDecimals(coerceToDecimal(a), coerceToDecimal(b)));
  return double(numericToNumber(a) / numericToNumber(b));
}

/** The remainder with the sign of a. @throws HydrogenError bad_input when b is 0 */
export function remainder(a: Numeric, b: Numeric): unknown {
  if (isZero(b)) throw badInput('$mod cannot divide by zero.');
  if (isDecimal(a, b)) return decimal(remainderDecimals(coerceToDecimal(a), coerceToDecimal(b)));
  if (isDouble(a, b)) return double(numericToNumber(a) % numericToNumber(b));
  return integer(BigInt(a.value as number) % BigInt(b.value as number), widest(a, b));
}

/** a ** b: integers stay integers if the result fits. */
export function power(a: Numeric, b: Numeric): unknown {
  const base = numericToNumber(a);
  const exponent = numericToNumber(b);
  if (base === 0 && exponent < 0) throw badInput('$pow cannot raise 0 to a negative exponent.');
  if (isDecimal(a, b)) return decimal(powDecimal(coerceToDecimal(a), coerceToDecimal(b)));
  if (isDouble(a, b)) return double(doublePower(base, exponent));
  if (exponent < 0) {
    if (Math.abs(base) !== 1) return double(base ** exponent);
    return integer(base === 1 || exponent % 2 === 0 ? 1n : -1n, widest(a, b));
  }
  const estimate = Math.abs(base) ** exponent;
  if (estimate > 2 ** 64) return double(base ** exponent);
  const exact = BigInt(a.value as number) ** BigInt(b.value as number);
  return fitsLong(exact) ? integer(exact, widest(a, b)) : double(base ** exponent);
}

/** C's pow, which differs from JavaScript's where the base is 1 or -1. */
function doublePower(base: number, exponent: number): number {
  const isOne = base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY);
  return isOne ? 1 : base ** exponent;
}

/** The operand as a number. @throws HydrogenError bad_input naming the operator */
export function numericOperand(value: unknown, name: string): Numeric {
  const numeric = readNumeric(value);
  if (numeric === undefined) throw badInput(`${name} needs numbers, not ${typeName(value)}.`);
  return numeric;
}
