import { badInput } from '../../errors.ts';
import { FIXED, parseUnit } from '../dates/calendar.ts';
import { compileExpression } from '../expressions/compile.ts';
import { namedArguments, operandList, wrongType } from '../expressions/operator.ts';
import type { Expression } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { double, readNumeric, toInteger, toNumber } from '../values/numbers.ts';
import { isNullish, isNumeric } from '../values/types.ts';
import { WHOLE } from './bounds.ts';
import { needsSort } from './ranking.ts';
import type { Partition, WindowContext, WindowFamily, WindowOperator } from './window-function.ts';

const UNIT_MS: { readonly [unit: string]: number } = { ...FIXED, day: 86_400_000, week: 604_800_000 };

/** The sort value of a document as a number; dates in units. */
function position(value: unknown, unitMs: number | undefined, name: string): number {
  if (value instanceof Date) {
    if (unitMs === undefined) throw badInput(`${name} over dates needs a "unit".`);
    return value.getTime() / unitMs;
  }
  if (unitMs !== undefined) throw badInput(`${name} with a "unit" needs dates to sort by.`);
  if (!isNumeric(value)) throw wrongType(name, 'numbers or dates to sort by', value);
  return toNumber(value);
}

interface Points {
  readonly input: Expression;
  readonly x: (partition: Partition, index: number) => number;
}

function points(argument: unknown, context: WindowContext, name: string): Points {
  needsSort(name, context, true);
  if (context.sort.length !== 1) throw badInput(`${name} needs "sortBy" with exactly one field.`);
  const given = namedArguments(name, argument, ['input'], ['unit']);
  const unit = given.has('unit') ? parseUnit(given.get('unit'), name) : undefined;
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  if (unit !== undefined && unitMs === undefined) throw badInput(`"unit" of ${name} must be a week or less.`);
  return {
    input: compileExpression(given.get('input'), context.scope),
    x: ({ keys }, index) => position(keys[index]?.[0], unitMs, name),
  };
}

const $derivative: WindowOperator = (argument, context, name) => {
  const { input, x } = points(argument, context, name);
  const { bounds } = context;
  if (bounds === undefined) throw badInput('$derivative needs a "window".');
  return function* (partition) {
    for (let i = 0; i < partition.docs.length; i++) {
      const [first, last] = bounds.at(partition, i);
      const from = first < last ? input(partition.docs[first] as Document) : null;
      const to = first < last ? input(partition.docs[last] as Document) : null;
      if (isNullish(from) || isNullish(to)) {
        yield null;
        continue;
      }
      const run = x(partition, last) - x(partition, first);
      yield run === 0 ? null : double((toNumber(to) - toNumber(from)) / run);
    }
  };
};

const $integral: WindowOperator = (argument, context, name) => {
  const { input, x } = points(argument, context, name);
  const bounds = context.bounds ?? WHOLE;
  return function* (partition) {
    const values = partition.docs.map((doc) => input(doc));
    for (let i = 0; i < values.length; i++) {
      const [first, last] = bounds.at(partition, i);
      let area = 0;
      for (let at = first + 1; at <= last; at++) {
        const [a, b] = [values[at - 1], values[at]];
        if (isNumeric(a) && isNumeric(b)) {
          area += ((toNumber(a) + toNumber(b)) / 2) * (x(partition, at) - x(partition, at - 1));
        }
      }
      yield first > last ? null : double(area);
    }
  };
};

const $expMovingAvg: WindowOperator = (argument, context, name) => {
  needsSort(name, context, false);
  const given = namedArguments(name, argument, ['input'], ['N', 'alpha']);
  if (given.has('N') === given.has('alpha')) throw badInput('$expMovingAvg takes either "N" or "alpha".');
  const n = toInteger(given.get('N'));
  const alpha = given.has('alpha') ? toNumber(given.get('alpha')) : 2 / (Number(n ?? 0n) + 1);
  if (given.has('N') && (n === undefined || n < 1n))
    throw badInput('"N" of $expMovingAvg must be a positive integer.');
  if (given.has('alpha') && !(alpha > 0 && alpha < 1))
    throw badInput('"alpha" of $expMovingAvg must be between 0 and 1.');
  const input = compileExpression(given.get('input'), context.scope);
  return function* ({ docs }) {
    let average: number | undefined;
    for (const doc of docs) {
      const value = input(doc);
      if (isNumeric(value)) {
        const number = toNumber(value);
        average = average === undefined ? number : number * alpha + average * (1 - alpha);
        yield double(average);
      } else yield average === undefined ? null : double(average);
    }
  };
};

function covariance(sample: boolean): WindowOperator {
  return (argument, { scope, bounds = WHOLE }, name) => {
    const operands = operandList(argument);
    if (operands.length !== 2) throw badInput(`${name} takes two operands.`);
    const [first, second] = operands.map((operand) => compileExpression(operand, scope));
    return function* (partition) {
      const pairs = partition.docs.map((doc) => [first?.(doc), second?.(doc)] as const);
      for (let i = 0; i < pairs.length; i++) {
        const [from, to] = bounds.at(partition, i);
        let count = 0;
        let meanX = 0;
        let meanY = 0;
        let product = 0;
        for (const [a, b] of pairs.slice(from, to + 1)) {
          if (readNumeric(a) === undefined || readNumeric(b) === undefined) continue;
          const deltaX = toNumber(a) - meanX;
          count++;
          meanX += deltaX / count;
          meanY += (toNumber(b) - meanY) / count;
          product += deltaX * (toNumber(b) - meanY);
        }
        const divisor = sample ? count - 1 : count;
        yield divisor <= 0 ? null : double(product / divisor);
      }
    };
  };
}

/** Fills gaps by a straight line between the known values around them. */
const $linearFill: WindowOperator = (argument, context, name) => {
  needsSort(name, context, false);
  if (context.sort.length !== 1) throw badInput('$linearFill needs "sortBy" with exactly one field.');
  const input = compileExpression(argument, context.scope);
  return (partition) => {
    const values = partition.docs.map((doc) => input(doc) ?? null);
    const x = (i: number): number => {
      const value = partition.keys[i]?.[0];
      return value instanceof Date ? value.getTime() : position(value, undefined, name);
    };
    const result: unknown[] = [...values];
    let before = -1;
    values.forEach((value, i) => {
      if (value === null) return;
      if (!isNumeric(value)) throw wrongType(name, 'numbers', value);
      for (let at = before + 1; before >= 0 && at < i; at++) {
        const share = (x(at) - x(before)) / (x(i) - x(before));
        result[at] = double(toNumber(values[before]) + (toNumber(value) - toNumber(values[before])) * share);
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
  const given = namedArguments(name, argument, ['input'], ['min', 'max']);
  const input = compileExpression(given.get('input'), scope);
  const low = toNumber(given.get('min') ?? 0);
  const high = toNumber(given.get('max') ?? 1);
  if (!(low < high)) throw badInput('"min" of $minMaxScaler must be below "max".');
  return function* (partition) {
    const values = partition.docs.map((doc) => {
      const value = input(doc);
      if (!isNumeric(value)) throw wrongType(name, 'numbers', value);
      return toNumber(value);
    });
    for (let i = 0; i < values.length; i++) {
      const [from, to] = bounds.at(partition, i);
      const window = values.slice(from, to + 1);
      const [min, max] = [Math.min(...window), Math.max(...window)];
      const share = max === min ? 0 : ((values[i] ?? 0) - min) / (max - min);
      yield double(low + share * (high - low));
    }
  };
};

export const series: WindowFamily = {
  $derivative,
  $integral,
  $expMovingAvg,
  $covariancePop: covariance(false),
  $covarianceSamp: covariance(true),
  $linearFill,
  $locf,
  $minMaxScaler,
};
