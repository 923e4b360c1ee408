import { badInput } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { fitsLong, toInteger } from '../values/numbers.ts';

/** A compiled stage: documents in, documents out. */
export type Stage = (input: Iterable<Document>) => Iterable<Document>;

/** Where a pipeline occurs; some stages are only allowed in some places. */
export type PipelineContext = 'top' | 'lookup' | 'union' | 'facet' | 'update';

/** What stages need from their environment. */
export interface StageContext {
  readonly scope: Scope;
  readonly place: PipelineContext;
  /** True within $facet, even in pipelines of its pipelines. */
  readonly inFacet: boolean;
  /**
   * The documents of another collection; empty if it does not exist. With a filter, at least the documents
   * that match.
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

/** An argument that must be a whole number of at least `min`. */
export function wholeNumber(value: unknown, name: string, min: number): number {
  const number = toInteger(value);
  if (number === undefined || number < BigInt(min) || !fitsLong(number)) {
    throw badInput(`${name} needs a whole number of at least ${min}.`);
  }
  return Number(number);
}
