import { badInput } from '../errors.ts';
import { rootScope } from './expressions/compile.ts';
import type { Cell } from './expressions/scope.ts';
import { checkVariableName } from './expressions/variables.ts';
import { compilePipeline, stageName } from './stages/pipeline.ts';
import { WRITE_STAGES } from './stages/registry.ts';
import type { Document, Limits } from './types.ts';
import { normalize } from './values/clone.ts';
import { createOrdering } from './values/collation.ts';
import { getField, isDocument } from './values/fields.ts';

/** What an aggregation reads and how far it may go. */
export interface AggregateContext {
  /** The documents of the source collection; called when iteration of the result starts. */
  input(): Iterable<Document>;
  /**
   * Another collection, for $lookup, $unionWith and $graphLookup; empty if it does not exist. With a filter
   * (without collation) only the matching documents are needed, but returning more is allowed.
   */
  collection(name: string, filter?: Document): Iterable<Document>;
  readonly limits: Limits;
  /**
   * How many stages before the first of these were written, for the positions in errors; 0 if omitted. Negative where
   * the first of these were not written by the caller: their errors name no position.
   */
  readonly before?: number;
  /** The value of $$NOW. */
  readonly now: Date;
  /** Variables for expressions, like MongoDB's `let`. */
  readonly variables?: Document;
  /** How strings compare in every stage and expression; by bytes if omitted. */
  readonly collation?: Document | undefined;
}

/**
 * Runs an aggregation pipeline. The pipeline is checked and compiled immediately; documents are read as the
 * result is iterated. `limits.tick` is called for every document read.
 * @throws HydrogenError bad_input, not_supported; while iterating also too_large and what `tick` throws
 */
export function aggregate(pipeline: readonly Document[], context: AggregateContext): Iterable<Document> {
  const { limits, now } = context;
  const ticking = (docs: Iterable<Document>): Iterable<Document> => ({
    *[Symbol.iterator]() {
      for (const doc of docs) {
        limits.tick();
        yield doc;
      }
    },
  });
  const scope = rootScope({
    now,
    limits,
    ordering: createOrdering(context.collation),
    variables: variableCells(context.variables ?? {}),
  });
  const run = compilePipeline(
    normalize(pipeline),
    'top',
    scope,
    (name, filter) => ticking(context.collection(name, filter)),
    { level: 0, inFacet: false, before: context.before ?? 0 },
  );
  const source: Iterable<Document> = {
    [Symbol.iterator]: () => ticking(context.input())[Symbol.iterator](),
  };
  return run(source);
}

/** Caller-supplied variables as cells. */
export function variableCells(variables: Document): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const name of Object.keys(variables)) {
    checkVariableName(name);
    cells.set(name, { value: getField(variables, name) });
  }
  return cells;
}

/**
 * The writing stages ($out, $merge) in the position where MongoDB allows them: at the end of the pipeline.
 * `aggregate` refuses a pipeline with one anywhere else.
 */
export function writeStages(pipeline: readonly Document[]): string[] {
  const last = pipeline.at(-1);
  return last === undefined || !isDocument(last)
    ? []
    : Object.keys(last).filter((name) => WRITE_STAGES.includes(name));
}

/** True for a pipeline that ends with a writing stage. */
export function isWritePipeline(pipeline: readonly Document[]): boolean {
  return writeStages(pipeline).length > 0;
}

/**
 * Splits off the leading $match stages of a pipeline as one filter, for which a store may use an index;
 * `rest` remains to be run on the matching documents.
 */
export function leadingMatch(pipeline: readonly Document[]): { filter: Document; rest: Document[] } {
  const filters: Document[] = [];
  for (const stage of pipeline) {
    const filter = stageName(stage) === '$match' ? stage['$match'] : undefined;
    if (filter === undefined) break;
    if (!isDocument(filter)) throw badInput('$match needs a document.');
    filters.push(filter);
  }
  const [only = {}] = filters;
  const filter = filters.length > 1 ? { $and: filters } : only;
  return { filter, rest: pipeline.slice(filters.length) };
}
