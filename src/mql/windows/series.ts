import { badInput } from '../../errors.ts';
import { FIXED, parseUnit } from '../dates/calendar.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments, wrongType } from '../expressions/operator.ts';
import type { Expression } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { add, divide, multiply, numericOperand, subtract } from '../values/arithmetic.ts';
import { double, isZero, type Numeric, toNumber } from '../values/numbers.ts';
import { createSum } from '../values/sum.ts';
import { isNullish, isNumeric } from '../values/types.ts';
import { WHOLE } from './bounds.ts';
import { needsSort } from './ranking.ts';
import type { Partition, WindowContext, WindowFamily, WindowOperator } from './window-function.ts';

const UNIT_MS: { readonly [unit: string]: number } = { ...FIXED, day: 86_400_000, week: 604_800_000 };

/** The distance between two sort values: a number, or milliseconds between dates, which need a unit. */
function distance(from: unknown, to: unknown, unitMs: number | undefined, name: string): Numeric {
  if (from instanceof Date && to instanceof Date) {
    if (unitMs === undefined) throw badInput(`${name} over dates needs a "unit".`);
    return { type: 'long', value: BigInt(to.getTime() - from.getTime()) };
  }
  if (unitMs !== undefined) throw badInput(`${name} with a "unit" needs dates to sort by.`);
  const wrong = [from, to].find((value) => !isNumeric(value));
  if (wrong !== undefined) throw wrongType(name, 'numbers or dates to sort by', wrong);
  return numericOperand(subtract(numericOperand(to, name), numericOperand(from, name)), name);
}

interface Points {
  readonly input: Expression;
  readonly unitMs: number | undefined;
  /** The distance between the sort values at two indexes. */
  readonly run: (partition: Partition, from: number, to: number) => Numeric;
}

function points(argument: unknown, context: WindowContext, name: string): Points {
  needsSort(name, context, true);
  if (context.sort.length !== 1) throw badInput(`${name} needs "sortBy" with exactly one field.`);
  const args = namedArguments(name, argument, ['input'], ['unit']);
  const unit = args.has('unit') ? parseUnit(args.get('unit'), name) : undefined;
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  if (unit !== undefined && unitMs === undefined) throw badInput(`"unit" of ${name} must be a week or less.`);
  return {
    input: compileExpression(args.get('input'), context.scope),
    unitMs,
    run: ({ keys }, from, to) => distance(keys[from]?.[0] ?? null, keys[to]?.[0] ?? null, unitMs, name),
  };
}

const $derivative: WindowOperator = (argument, context, name) => {
  const { input, unitMs, run } = points(argument, context, name);
  const { bounds } = context;
  if (bounds === undefined) throw badInput('$derivative needs a "window".');
  const value = (doc: Document | undefined): Numeric => numericOperand(input(doc ?? {}), name);
  return function* (partition) {
    for (let i = 0; i < partition.docs.length; i++) {
      const [first, last] = bounds.at(partition, i);
      if (first > last) {
        yield null;
        continue;
      }
      const rise = subtract(value(partition.docs[last]), value(partition.docs[first]));
      const length = run(partition, first, last);
      if (isZero(length)) {
        yield null;
        continue;
      }
      // MongoDB divides by milliseconds before scaling, which affects the last digits.
      const slope = divide(numericOperand(rise, name), length);
      yield unitMs === undefined ? slope : multiply(numericOperand(slope, name), milliseconds(unitMs));
    }
  };
};

const milliseconds = (value: number): Numeric => ({ type: 'long', value: BigInt(value) });
const TWO: Numeric = { type: 'double', value: 2 };

const $integral: WindowOperator = (argument, context, name) => {
  const { input, unitMs, run } = points(argument, context, name);
  const bounds = context.bounds ?? WHOLE;
  return function* (partition) {
    const values = partition.docs.map((doc) => numericOperand(input(doc), name));
    // The trapezoid between each value and the previous one.
    const pieces = values.map((value, i) => {
      const before = values[i - 1];
      if (before === undefined) return undefined;
      const height = numericOperand(add(before, value), name);
      const area = numericOperand(multiply(height, run(partition, i - 1, i)), name);
      return numericOperand(divide(area, TWO), name);
    });
    let sum = createSum();
    let start = -1;
    let end = -1;
    for (let i = 0; i < values.length; i++) {
      const [first, last] = bounds.at(partition, i);
      if (first > last) {
        yield null;
        continue;
      }
      if (first !== start || last < end) {
        sum = createSum();
        start = first;
        end = first;
      }
      while (end < last) {
        const piece = pieces[++end];
        if (piece !== undefined) sum.add(piece);
      }
      const area = sum.result();
      yield unitMs === undefined ? area : divide(numericOperand(area, name), milliseconds(unitMs));
    }
  };
};

/** Fills gaps by linear interpolation between the known values around them. */
const $linearFill: WindowOperator = (argument, context, name) => {
  needsSort(name, context, false);
  if (context.sort.length !== 1) throw badInput('$linearFill needs "sortBy" with exactly one field.');
  const input = compileExpression(argument, context.scope);
  return (partition) => {
    const values = partition.docs.map((doc) => input(doc) ?? null);
    // Dates and numbers use different units, but along one line the unit cancels out.
    const run = (from: number, to: number): Numeric => {
      const [a, b] = [partition.keys[from]?.[0] ?? null, partition.keys[to]?.[0] ?? null];
      return distance(a, b, a instanceof Date ? 1 : undefined, name);
    };
    const result: unknown[] = [...values];
    let before = -1;
    values.forEach((value, i) => {
      if (i > 0 && isZero(run(i - 1, i)))
        throw badInput('$linearFill takes no repeated values in the field of "sortBy".');
      if (value === null) return;
      const to = numericOperand(value, name);
      if (before >= 0 && i - before > 1) {
        const from = numericOperand(values[before], name);
        const rise = numericOperand(subtract(to, from), name);
        const slope = numericOperand(divide(rise, run(before, i)), name);
        for (let at = before + 1; at < i; at++) {
          result[at] = add(from, numericOperand(multiply(run(before, at), slope), name));
        }
      }
      before = i;
    });
    return result;
  };
};

/** The last value that is not null or missing. */
const $locf: WindowOperator = (argument, context, name) => {
  if (context.bounds !== undefined) throw badInput(`${name} takes no "window".`);
  const input = compileExpression(argument, context.scope);
  return function* ({ docs }) {
    let last: unknown;
    for (const doc of docs) {
      const value = input(doc);
      if (!isNullish(value)) last = value;
      yield last ?? null;
    }
  };
};

const $minMaxScaler: WindowOperator = (argument, { scope, bounds = WHOLE }, name) => {
  const args = namedArguments(name, argument, ['input'], ['min', 'max']);
  const input = compileExpression(args.get('input'), scope);
  const low = toNumber(args.get('min') ?? 0);
  const high = toNumber(args.get('max') ?? 1);
  if (!(low < high)) throw badInput('"min" of $minMaxScaler must be below "max".');
  if (!bounds.holdsItself) throw badInput('The window of $minMaxScaler must hold the document itself.');
  return function* (partition) {
    const values = partition.docs.map((doc) => {
      const value = input(doc);
      if (!isNumeric(value)) throw wrongType(name, 'numbers', value);
      return toNumber(value);
    });
    // A window that has not moved has the same bounds.
    let [start, end, min, max] = [0, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < values.length; i++) {
      const [from, to] = bounds.at(partition, i);
      if (from !== start || to < end) {
        [start, end, min, max] = [from, from - 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      }
      for (; end < to; end++) {
        const value = values[end + 1] as number;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      const share = max === min ? 0 : ((values[i] ?? 0) - min) / (max - min);
      yield double(low + share * (high - low));
    }
  };
};

export const series: WindowFamily = {
  $derivative,
  $integral,
  $linearFill,
  $locf,
  $minMaxScaler,
};
