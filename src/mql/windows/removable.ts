import { compileExpression } from '../expressions/compile.ts';
import { double, type Numeric, readNumeric, toNumber } from '../values/numbers.ts';
import { createSum } from '../values/sum.ts';
import { isNumeric } from '../values/types.ts';
import { WHOLE } from './bounds.ts';
import type { Partition, WindowBounds, WindowOperator } from './window-function.ts';

/** A running value from which values are taken out again as the window moves on. */
export interface Removable {
  add(value: unknown): void;
  remove(value: unknown): void;
  result(): unknown;
}

/** Runs a removable function over windows that move forwards; what enters is added before what leaves is removed. */
function* overMoving(
  { docs, ...partition }: Partition,
  bounds: WindowBounds,
  start: () => Removable,
  values: readonly unknown[],
): Generator<unknown> {
  let running = start();
  let from = 0;
  let end = 0;
  for (let i = 0; i < docs.length; i++) {
    const [first, last] = bounds.at({ docs, ...partition }, i);
    if (first > last || first < from || last + 1 < end || first >= end) {
      running = start();
      from = Math.min(first, docs.length);
      end = from;
    }
    for (; end <= last; end++) running.add(values[end]);
    for (; from < first && from < end; from++) running.remove(values[from]);
    yield running.result();
  }
}

/** Runs a removable function over the values of one expression. */
export const moving =
  (start: () => Removable): WindowOperator =>
  (argument, { scope, bounds = WHOLE }) => {
    const operand = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    const input = compileExpression(operand, scope);
    return (partition) =>
      overMoving(
        partition,
        bounds,
        start,
        partition.docs.map((doc) => input(doc)),
      );
  };

const negated = (value: Numeric): Numeric => {
  if (value.type === 'long') return { type: 'long', value: -value.value };
  if (value.type !== 'decimal') return { type: value.type, value: -value.value };
  return { type: 'decimal', value: { ...value.value, coefficient: -value.value.coefficient } };
};

export interface RemovableSum {
  /** Adds a value once, or takes it away (-1). */
  update(value: Numeric, quantity: 1 | -1): void;
  result(): Numeric;
}

/** A sum in which infinities and NaN are counted, so that they can leave it; as wide as what is in it. */
export function createRemovableSum(): RemovableSum {
  const sum = createSum();
  const count = { nan: 0, positive: 0, negative: 0, double: 0, decimal: 0 };
  const special = (value: number): Numeric =>
    count.decimal > 0
      ? { type: 'decimal', value: { coefficient: 0n, exponent: 0, special: specialName(value) } }
      : { type: 'double', value };
  return {
    update(value, quantity) {
      if (value.type === 'double') count.double += quantity;
      if (value.type === 'decimal') count.decimal += quantity;
      const number =
        value.type === 'decimal'
          ? Number(value.value.special ?? 0)
          : Number(value.type === 'double' && value.value);
      if (Number.isNaN(number)) count.nan += quantity;
      else if (number === Number.POSITIVE_INFINITY) count.positive += quantity;
      else if (number === Number.NEGATIVE_INFINITY) count.negative += quantity;
      else sum.add(quantity === 1 ? value : negated(value));
    },
    result() {
      if (count.nan > 0 || (count.positive > 0 && count.negative > 0)) return special(Number.NaN);
      if (count.positive > 0) return special(Number.POSITIVE_INFINITY);
      if (count.negative > 0) return special(Number.NEGATIVE_INFINITY);
      const total = sum.result();
      if (count.decimal > 0) return readNumeric(total) as Numeric;
      const isWide = count.double > 0 || !Number.isInteger(toNumber(total));
      if (isWide) return { type: 'double', value: toNumber(total) };
      const whole = readNumeric(total);
      return whole?.type === 'int' || whole?.type === 'long'
        ? whole
        : { type: 'long', value: BigInt(toNumber(total)) };
    },
  };
}

const specialName = (value: number) =>
  Number.isNaN(value) ? 'NaN' : value > 0 ? ('Infinity' as const) : ('-Infinity' as const);

/**
 * The standard deviation of a window that moves, as MongoDB computes it there: null as long as an infinity or NaN is in
 * it.
 */
function removableDeviation(sample: boolean): Removable {
  let total = createSum();
  let squares = createSum();
  let count = 0;
  let nonFinite = 0;
  const update = (value: unknown, quantity: 1 | -1): void => {
    if (!isNumeric(value)) return;
    const number = toNumber(value);
    if (!Number.isFinite(number)) {
      nonFinite += quantity;
      return;
    }
    if (count + quantity === 0) {
      [total, squares, count] = [createSum(), createSum(), 0];
      return;
    }
    if (count === 0) {
      count = 1;
      total.add({ type: 'double', value: number });
      return;
    }
    const x = count * number - toNumber(total.result());
    count += quantity;
    total.add({ type: 'double', value: number * quantity });
    squares.add({ type: 'double', value: (x * x * quantity) / (count * (count - quantity)) });
  };
  return {
    add: (value) => update(value, 1),
    remove: (value) => update(value, -1),
    result() {
      if (nonFinite > 0) return null;
      const divisor = sample ? count - 1 : count;
      if (divisor <= 0) return null;
      const sum = toNumber(squares.result());
      if (sum >= 0 && (sample || count > 1)) return double(Math.sqrt(sum / divisor));
      squares = createSum();
      return 0;
    },
  };
}

export const movingDeviation = (sample: boolean): WindowOperator => moving(() => removableDeviation(sample));
