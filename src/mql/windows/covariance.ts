import { divide, multiply, subtract } from '../values/arithmetic.ts';
import { double, type Numeric, numericToNumber, readNumeric, writeNumeric } from '../values/numbers.ts';
import { createRemovableSum, moving, type Removable } from './removable.ts';
import type { WindowFamily } from './window-function.ts';

/** The mean of what a sum holds; `undefined` for nothing. */
function createMean() {
  const sum = createRemovableSum();
  let count = 0;
  return {
    update(value: Numeric, quantity: 1 | -1): void {
      sum.update(value, quantity);
      count += quantity;
    },
    result(): Numeric | undefined {
      if (count === 0) return undefined;
      const total = sum.result();
      if (!Number.isFinite(numericToNumber(total)) && isSpecial(total)) return total;
      if (total.type !== 'decimal') return { type: 'double', value: numericToNumber(total) / count };
      return readNumeric(divide(total, { type: 'int', value: count }));
    },
  };
}

const isSpecial = (value: Numeric): boolean =>
  value.type === 'decimal' ? value.value.special !== undefined : !Number.isFinite(Number(value.value));

const difference = (a: Numeric, b: Numeric | undefined): Numeric | undefined =>
  b === undefined ? undefined : readNumeric(subtract(a, b));

const product = (a: Numeric | undefined, b: Numeric | undefined): Numeric | undefined =>
  a === undefined || b === undefined ? undefined : readNumeric(multiply(a, b));

/** What a pair with an infinity or NaN counts as: NaN beats all, and so do infinities of both signs. */
function nonFinite(pair: readonly [Numeric, Numeric]): Numeric {
  const numbers = pair.filter(isSpecial).map(numericToNumber);
  const [first = Number.NaN] = numbers;
  const value = numbers.every((number) => number === first) ? first : Number.NaN;
  if (!pair.some(({ type }) => type === 'decimal')) return { type: 'double', value };
  const special = Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  return { type: 'decimal', value: { coefficient: 0n, exponent: 0, special } };
}

function pairOf(value: unknown): readonly [Numeric, Numeric] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [x, y] = value.map(readNumeric);
  return x === undefined || y === undefined ? undefined : [x, y];
}

/**
 * The covariance of the pairs in a window, by the means that they have as they come and go. Decimals stay decimals; a
 * pair with an infinity or NaN is not counted, but shows until it leaves.
 */
function covariance(sample: boolean): Removable {
  let count = 0;
  let meanX = createMean();
  let meanY = createMean();
  let products = createRemovableSum();
  const update = (value: unknown, quantity: 1 | -1): void => {
    const pair = pairOf(value);
    if (pair === undefined) return;
    if (pair.some(isSpecial)) {
      products.update(nonFinite(pair), quantity);
      return;
    }
    count += quantity;
    if (count === 0) {
      [meanX, meanY, products] = [createMean(), createMean(), createRemovableSum()];
      return;
    }
    const [x, y] = pair;
    if (quantity === -1) meanX.update(x, -1);
    const deltaX = difference(x, meanX.result());
    if (quantity === 1) {
      meanX.update(x, 1);
      meanY.update(y, 1);
    }
    const change = product(deltaX, difference(y, meanY.result()));
    if (change !== undefined) products.update(change, quantity);
    if (quantity === -1) meanY.update(y, -1);
  };
  return {
    add: (value) => update(value, 1),
    remove: (value) => update(value, -1),
    result() {
      if (count === 1 && !sample) return double(0);
      const divisor = sample ? count - 1 : count;
      if (divisor <= 0) return null;
      const total = products.result();
      if (total.type !== 'decimal') return double(numericToNumber(total) / divisor);
      return isSpecial(total) ? writeNumeric(total) : divide(total, { type: 'double', value: divisor });
    },
  };
}

export const covariances: WindowFamily = {
  $covariancePop: moving(() => covariance(false)),
  $covarianceSamp: moving(() => covariance(true)),
};
