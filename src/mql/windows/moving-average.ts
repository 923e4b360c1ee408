import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments } from '../expressions/operator.ts';
import { coerceToDecimal, numericOperand } from '../values/arithmetic.ts';
import { type Decimal, DIGITS, decimalToNumber, round, writeDecimal } from '../values/decimal.ts';
import { addDecimals, divideDecimals, multiplyDecimals, negateDecimal } from '../values/decimal-math.ts';
import { double, readNumeric, toInteger, toNumber } from '../values/numbers.ts';
import { needsSort } from './ranking.ts';
import type { WindowFamily, WindowOperator } from './window-function.ts';

const ONE: Decimal = { coefficient: 1n, exponent: 0 };

/** Computed in decimals, as in MongoDB; a double unless an input was a decimal. */
const $expMovingAvg: WindowOperator = (argument, context, name) => {
  needsSort(name, context, false);
  const args = namedArguments(name, argument, ['input'], ['N', 'alpha']);
  if (args.has('N') === args.has('alpha')) throw badInput('$expMovingAvg takes either "N" or "alpha".');
  const weight = args.has('N') ? weightFromN(args.get('N')) : weightFromAlpha(args.get('alpha'));
  const rest = addDecimals(ONE, negateDecimal(weight));
  const input = compileExpression(args.get('input'), context.scope);
  const product = (a: Decimal, b: Decimal): Decimal => round(multiplyDecimals(a, b), DIGITS);
  return function* ({ docs }) {
    let average: Decimal | undefined;
    let isDecimal = false;
    for (const doc of docs) {
      const numeric = readNumeric(input(doc));
      if (numeric !== undefined) {
        isDecimal ||= numeric.type === 'decimal';
        const value = coerceToDecimal(numeric);
        average =
          average === undefined
            ? value
            : round(addDecimals(product(value, weight), product(average, rest)), DIGITS);
      }
      if (average === undefined) yield null;
      else yield isDecimal ? writeDecimal(average) : double(decimalToNumber(average));
    }
  };
};

function weightFromN(value: unknown): Decimal {
  const n = toInteger(value);
  if (n === undefined || n < 1n) throw badInput('"N" of $expMovingAvg must be a positive integer.');
  return divideDecimals({ coefficient: 2n, exponent: 0 }, { coefficient: n + 1n, exponent: 0 });
}

function weightFromAlpha(value: unknown): Decimal {
  const alpha = toNumber(value);
  if (!(alpha > 0 && alpha < 1)) throw badInput('"alpha" of $expMovingAvg must be between 0 and 1.');
  return coerceToDecimal(numericOperand(value, '$expMovingAvg'));
}

export const movingAverage: WindowFamily = { $expMovingAvg };
