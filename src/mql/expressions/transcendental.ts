import { badInput, notSupported } from '../../errors.ts';
import { coerceToDecimal, numericOperand } from '../values/arithmetic.ts';
import { type Decimal, DIGITS, round, zero } from '../values/decimal.ts';
import { expDecimal, lnDecimal, log10Decimal } from '../values/decimal-functions.ts';
import { addDecimals, divideDecimals, negateDecimal, sqrtDecimal } from '../values/decimal-math.ts';
import {
  compareNumbers,
  double,
  isNaNValue,
  type Numeric,
  numericToNumber,
  writeNumeric,
} from '../values/numbers.ts';
import { isNullish } from '../values/types.ts';
import { binary, type ExpressionFamily, type ExpressionOperator, unary } from './operator.ts';

/** The operand as a double; 34-digit versions are not implemented. */
function plain(numeric: Numeric, name: string): number {
  if (numeric.type === 'decimal') throw notSupported(`${name} of a decimal`, 'convert it with $toDouble');
  return numericToNumber(numeric);
}

/** The operand as a double that is 0 only where it is: a decimal may be smaller than all doubles. */
function approximate(numeric: Numeric): number {
  const value = numericToNumber(numeric);
  return numeric.type === 'decimal' && numeric.value.coefficient > 0n
    ? Math.max(value, Number.MIN_VALUE)
    : value;
}

/** A function of doubles; `valid` tests whether it is defined. */
function real(
  apply: (value: number) => number,
  valid?: (value: number) => boolean,
  domain?: string,
  ofDecimal?: (value: Decimal) => Decimal,
): ExpressionOperator {
  return unary((operand, name) => {
    if (isNullish(operand)) return null;
    const numeric = numericOperand(operand, name);
    const value = ofDecimal === undefined ? plain(numeric, name) : approximate(numeric);
    if (valid !== undefined && !Number.isNaN(value) && !valid(value)) {
      throw badInput(`${name} needs ${domain}, not ${value}.`);
    }
    // Functions that are not defined everywhere make a double of NaN, as in MongoDB.
    if (numeric.type === 'decimal' && ofDecimal !== undefined && !(valid && Number.isNaN(value))) {
      return writeNumeric({ type: 'decimal', value: ofDecimal(numeric.value) });
    }
    return double(apply(value));
  });
}

const UNIT: Decimal = { coefficient: 1n, exponent: 0 };
// Each step has 34 digits, as in MongoDB.
function sigmoidDecimal(value: Decimal): Decimal {
  const power = expDecimal(negateDecimal(value));
  if (power.special === 'Infinity') return zero(-6176, false);
  return divideDecimals(UNIT, round(addDecimals(UNIT, power), DIGITS));
}

const sigmoid = real((value) => 1 / (1 + Math.exp(-value)), undefined, undefined, sigmoidDecimal);

/** Unlike other operators of one operand, it takes no array of one. */
const $sigmoid: ExpressionOperator = (argument, scope, name) => {
  if (Array.isArray(argument))
    throw badInput('$sigmoid takes its operand without an array, as in {$sigmoid: "$x"}.');
  return sigmoid(argument, scope, name);
};

const $sqrt = unary((operand, name) => {
  if (isNullish(operand)) return null;
  const numeric = numericOperand(operand, name);
  if (compareNumbers(operand, 0) < 0 && !isNaNValue(operand)) {
    throw badInput('$sqrt needs a non-negative number.');
  }
  if (numeric.type !== 'decimal') return double(Math.sqrt(numericToNumber(numeric)));
  return writeNumeric({ type: 'decimal', value: sqrtDecimal(numeric.value) });
});

const $log = binary((a, b, name) => {
  if (isNullish(a) || isNullish(b)) return null;
  const [argument, radix] = [numericOperand(a, name), numericOperand(b, name)];
  const [value, base] = [approximate(argument), approximate(radix)];
  if (value <= 0) throw badInput('$log needs a positive number.');
  if (base <= 0 || base === 1) throw badInput('The base of $log must be positive and not 1.');
  const isDecimal = argument.type === 'decimal' || radix.type === 'decimal';
  if (!isDecimal || Number.isNaN(value) || Number.isNaN(base))
    return double(Math.log(value) / Math.log(base));
  return writeNumeric({
    type: 'decimal',
    value: divideDecimals(lnDecimal(coerceToDecimal(argument)), lnDecimal(coerceToDecimal(radix))),
  });
});

const positive = (value: number): boolean => value > 0;
const finite = Number.isFinite;
const unit = (value: number): boolean => value >= -1 && value <= 1;

export const transcendental: ExpressionFamily = {
  $sqrt,
  $log,
  $exp: real(Math.exp, undefined, undefined, expDecimal),
  $ln: real(Math.log, positive, 'a positive number', lnDecimal),
  $log10: real(Math.log10, positive, 'a positive number', log10Decimal),
  $sigmoid,
  $sin: real(Math.sin, finite, 'a finite number'),
  $cos: real(Math.cos, finite, 'a finite number'),
  $tan: real(Math.tan, finite, 'a finite number'),
  $asin: real(Math.asin, unit, 'a number from -1 to 1'),
  $acos: real(Math.acos, unit, 'a number from -1 to 1'),
  $atan: real(Math.atan),
  $atan2: binary((a, b, name) => {
    if (isNullish(a) || isNullish(b)) return null;
    return double(Math.atan2(plain(numericOperand(a, name), name), plain(numericOperand(b, name), name)));
  }),
  $sinh: real(Math.sinh),
  $cosh: real(Math.cosh),
  $tanh: real(Math.tanh),
  $asinh: real(Math.asinh),
  $acosh: real(Math.acosh, (value) => value >= 1, 'a number from 1'),
  $atanh: real(Math.atanh, unit, 'a number from -1 to 1'),
  $degreesToRadians: real((value) => value * (Math.PI / 180)),
  $radiansToDegrees: real((value) => value * (180 / Math.PI)),
};
