import { badInput } from '../../errors.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { firstStage } from './lookup.ts';
import type { StageFamily, StageOperator } from './stage.ts';

const $unionWith: StageOperator = (argument, context, name) => {
  const args = isDocument(argument)
    ? namedArguments(name, argument, [], ['coll', 'pipeline'])
    : new Map<string, unknown>([['coll', argument]]);
  const from = args.get('coll');
  const pipeline = args.get('pipeline') ?? [];
  if (typeof from !== 'string' && !(from === undefined && firstStage(pipeline) === '$documents')) {
    throw badInput('$unionWith needs the name of a collection, or {coll, pipeline}.');
  }
  const run = context.pipeline(pipeline, 'union', context.scope);
  return function* (input) {
    yield* input;
    yield* run(typeof from === 'string' ? context.collection(from) : []);
  };
};

/** Several pipelines over the same documents; always outputs one document. */
const $facet: StageOperator = (argument, context, name) => {
  if (!isDocument(argument) || Object.keys(argument).length === 0) {
    throw badInput('$facet needs at least one named pipeline.');
  }
  if (context.inFacet) throw badInput('$facet is not allowed inside $facet.');
  const facets = Object.keys(argument).map((field) => {
    if (field === '' || /[.$]/.test(field)) throw badInput(`"${field}" cannot be the name of a facet.`);
    const pipeline = getField(argument, field);
    return [field, context.pipeline(pipeline, 'facet', context.scope)] as const;
  });
  return function* (input) {
    const budget = createBudget(name, context.scope.limits);
    const docs: Document[] = [];
    for (const doc of input) {
      budget.add(approximateSize(doc));
      docs.push(doc);
    }
    const result: Document = {};
    for (const [field, run] of facets) {
      const found: Document[] = [];
      for (const doc of run(docs)) {
        context.scope.limits.tick();
        budget.add(approximateSize(doc));
        found.push(doc);
      }
      setField(result, field, found);
    }
    yield result;
  };
};

export const combining: StageFamily = { $unionWith, $facet };
