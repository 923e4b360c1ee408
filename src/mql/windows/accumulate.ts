import type { Accumulator } from '../accumulators/accumulator.ts';
import { ACCUMULATORS } from '../accumulators/registry.ts';
import type { Document, Limits } from '../types.ts';
import { WHOLE } from './bounds.ts';
import { movingDeviation } from './removable.ts';
import type { Partition, WindowBounds, WindowFamily, WindowOperator } from './window-function.ts';

/** The results of windows that only grow: one running value. */
function* overGrowing(
  partition: Partition,
  bounds: WindowBounds,
  start: () => Accumulator,
  limits: Limits,
): Generator<unknown> {
  let running = start();
  let added = 0;
  let last: unknown;
  let isFresh = false;
  for (let i = 0; i < partition.docs.length; i++) {
    limits.tick();
    const [, to] = bounds.at(partition, i);
    if (to + 1 < added) {
      running = start();
      added = 0;
      isFresh = false;
    }
    for (; added <= to; added++) {
      running.add(partition.docs[added] as Document);
      isFresh = false;
    }
    if (!isFresh) {
      const result = running.result();
      // $push and similar accumulators keep growing the array they returned.
      last = Array.isArray(result) ? [...result] : result;
      isFresh = true;
    }
    yield last;
  }
}

function* overEach(
  partition: Partition,
  bounds: WindowBounds,
  start: () => Accumulator,
  limits: Limits,
): Generator<unknown> {
  for (let i = 0; i < partition.docs.length; i++) {
    limits.tick();
    const [from, to] = bounds.at(partition, i);
    const window = start();
    for (let at = from; at <= to; at++) window.add(partition.docs[at] as Document);
    yield window.result();
  }
}

/** An accumulator over a window. */
function overWindow(name: string): WindowOperator {
  return (argument, context) => {
    const { scope, bounds = WHOLE } = context;
    if (!bounds.growing && (name === '$stdDevPop' || name === '$stdDevSamp')) {
      return movingDeviation(name === '$stdDevSamp')(argument, context, name);
    }
    // Unlike $group, a window takes an array of operands for an array.
    const operand = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    const factory = ACCUMULATORS[name]?.(operand, scope, name);
    const over = bounds.growing ? overGrowing : overEach;
    return (partition) =>
      factory === undefined
        ? []
        : over(partition, bounds, () => factory(partition.budget, undefined), scope.limits);
  };
}

const NOT_IN_WINDOWS = ['$mergeObjects'];

export const accumulated: WindowFamily = Object.fromEntries(
  Object.keys(ACCUMULATORS)
    .filter((name) => !NOT_IN_WINDOWS.includes(name))
    .map((name) => [name, overWindow(name)]),
);
