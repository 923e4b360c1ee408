import type { Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import type { Budget } from '../values/size.ts';

/** One group's running value. */
export interface Accumulator {
  add(doc: Document): void;
  result(): unknown;
}

/**
 * Starts the running value of a new group; memory is charged to the budget. `key` is the group's _id, which
 * "n" of $firstN and similar accumulators may depend on.
 */
export type AccumulatorFactory = (budget: Budget, key: unknown) => Accumulator;

/** Compiles the operand of an accumulator. */
export type AccumulatorOperator = (argument: unknown, scope: Scope, name: string) => AccumulatorFactory;
export type AccumulatorFamily = { readonly [name: string]: AccumulatorOperator };

/** An accumulator over the values of one expression. */
export function over(
  start: (budget: Budget, scope: Scope) => { add(value: unknown): void; result(): unknown },
): AccumulatorOperator {
  return (argument, scope) => {
    const operand = scope.compile(argument, scope);
    return (budget) => {
      const state = start(budget, scope);
      return { add: (doc) => state.add(operand(doc)), result: state.result };
    };
  };
}
