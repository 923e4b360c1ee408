import { badInput } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { toInteger } from '../values/numbers.ts';

/** A compiled stage: documents in, documents out. */
export type Stage = (input: Iterable<Document>) => Iterable<Document>;

/** Where a pipeline stands; some stages are only allowed in some places. */
export type PipelineContext = 'top' | 'lookup' | 'union' | 'facet' | 'update';

/** What stages need from outside. */
export interface StageContext {
  readonly scope: Scope;
  readonly place: PipelineContext;
  /**
   * The documents of another collection; empty when there is none of that name. With a filter those that
   * match, at least.
   */
  collection(name: string, filter?: Document): Iterable<Document>;
  /** Compiles a pipeline inside this one. */
  pipeline(stages: unknown, place: PipelineContext, scope: Scope): Stage;
}

/** Compiles the argument of a stage. */
export type StageOperator = (argument: unknown, context: StageContext, name: string) => Stage;
export type StageFamily = { readonly [name: string]: StageOperator };

/** A stage that turns each document into another one. */
export function each(project: (doc: Document) => Document): Stage {
  return function* (input) {
    for (const doc of input) yield project(doc);
  };
}

/** An argument that must be a whole number of at least `least`. */
export function wholeNumber(value: unknown, name: string, least: number): number {
  const number = toInteger(value);
  if (number === undefined || number < BigInt(least)) {
    throw badInput(`${name} needs a whole number of at least ${least}.`);
  }
  return Number(number);
}
