import { badInput, notSupported } from '../../errors.ts';
import { numericOperand } from '../values/arithmetic.ts';
import { sqrtDecimal } from '../values/decimal-math.ts';
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

/** A function of doubles; `valid` tests whether it is defined. */
function real(
  apply: (value: number) => number,
  valid?: (value: number) => boolean,
  domain?: string,
): ExpressionOperator {
  return unary((operand, name) => {
    if (isNullish(operand)) return null;
    const value = plain(numericOperand(operand, name), name);
    if (valid !== undefined && !Number.isNaN(value) && !valid(value)) {
      throw badInput(`${name} needs ${domain}, not ${value}.`);
    }
    return double(apply(value));
  });
}

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
  const value = plain(numericOperand(a, name), name);
  const base = plain(numericOperand(b, name), name);
  if (value <= 0) throw badInput('$log needs a positive number.');
  if (base <= 0 || base === 1) throw badInput('The base of $log must be positive and not 1.');
  return double(Math.log(value) / Math.log(base));
});

const positive = (value: number): boolean => value > 0;
const finite = Number.isFinite;
const unit = (value: number): boolean => value >= -1 && value <= 1;

export const transcendental: ExpressionFamily = {
  $sqrt,
  $log,
  $exp: real(Math.exp),
  $ln: real(Math.log, positive, 'a positive number'),
  $log10: real(Math.log10, positive, 'a positive number'),
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
