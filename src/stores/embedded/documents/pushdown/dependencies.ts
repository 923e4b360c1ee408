import type { Document } from '../../../../mql/index.ts';
import { getField, isDocument } from '../../../../mql/values/fields.ts';
import { truthy } from '../../../../mql/values/truthy.ts';
import { isNumeric } from '../../../../mql/values/types.ts';
import { createReferences, type References } from './references.ts';

/**
 * How a stage depends on its input. `closes`: the output depends on nothing else; `passes`: the other fields go on to
 * the next stage; `reads_all`: nothing can be omitted.
 */
type Effect = 'closes' | 'passes' | 'reads_all';
type StageReader = (argument: unknown, references: References) => Effect;

const names = (argument: unknown, references: References): void => {
  if (isDocument(argument)) Object.keys(argument).forEach(references.path);
};

const expressions =
  (effect: Effect): StageReader =>
  (argument, references) => {
    references.expression(argument);
    return effect;
  };

const nothing =
  (effect: Effect): StageReader =>
  () =>
    effect;

const isFlag = (value: unknown): boolean => typeof value === 'boolean' || isNumeric(value);

const project: StageReader = (argument, references) => {
  if (!isDocument(argument)) return 'reads_all';
  const values = Object.keys(argument).map((name) => [name, getField(argument, name)] as const);
  // Nested documents may include or exclude.
  if (values.some(([, value]) => isDocument(value) && !Object.keys(value)[0]?.startsWith('$')))
    return 'reads_all';
  // `_id` may be included where other fields are excluded.
  const others = values.filter(([name]) => name !== '_id');
  const excludes = (others.length > 0 ? others : values).every(
    ([, value]) => isFlag(value) && !truthy(value),
  );
  if (excludes) return 'passes';
  names(argument, references);
  references.path('_id');
  references.expression(argument);
  return 'closes';
};

const setFields: StageReader = (argument, references) => {
  names(argument, references);
  references.expression(argument);
  return 'passes';
};

const unwind: StageReader = (argument, references) => {
  references.expression(isDocument(argument) ? argument['path'] : argument);
  if (isDocument(argument) && typeof argument['includeArrayIndex'] === 'string') {
    references.path(argument['includeArrayIndex']);
  }
  return 'passes';
};

const lookup: StageReader = (argument, references) => {
  if (!isDocument(argument)) return 'reads_all';
  for (const name of ['localField', 'as']) {
    const path = argument[name];
    if (typeof path === 'string') references.path(path);
  }
  references.expression(argument['let']);
  references.expression(argument['startWith']);
  return 'passes';
};

const facet: StageReader = (argument, references) => {
  if (!isDocument(argument)) return 'reads_all';
  const effects = Object.keys(argument).map((name) => {
    const pipeline = getField(argument, name);
    return Array.isArray(pipeline) ? readPipeline(pipeline, references) : 'reads_all';
  });
  return effects.every((effect) => effect === 'closes') ? 'closes' : 'reads_all';
};

const READERS: { readonly [stage: string]: StageReader } = {
  $match: (argument, references) => {
    references.filter(argument);
    return 'passes';
  },
  $sort: (argument, references) => {
    names(argument, references);
    return 'passes';
  },
  $group: expressions('closes'),
  $sortByCount: expressions('closes'),
  $bucket: expressions('closes'),
  $bucketAuto: expressions('closes'),
  $replaceRoot: expressions('closes'),
  $replaceWith: expressions('closes'),
  $count: nothing('closes'),
  $project: project,
  $addFields: setFields,
  $set: setFields,
  $unwind: unwind,
  $lookup: lookup,
  $graphLookup: lookup,
  $facet: facet,
  $limit: nothing('passes'),
  $skip: nothing('passes'),
  $sample: nothing('passes'),
  $unset: nothing('passes'),
};

function readPipeline(pipeline: readonly unknown[], references: References): Effect {
  for (const stage of pipeline) {
    const name = isDocument(stage) ? Object.keys(stage)[0] : undefined;
    const reader = name !== undefined && Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader === undefined) return 'reads_all';
    const effect = reader((stage as Document)[name as string], references);
    if (effect !== 'passes') return effect;
  }
  return 'passes';
}

/**
 * The top-level fields of the source documents that a valid pipeline reads; `undefined` when it may read all. Omitting
 * the others does not change its results.
 */
export function fieldsRead(pipeline: readonly Document[]): string[] | undefined {
  const references = createReferences();
  return readPipeline(pipeline, references) === 'closes' ? references.fields() : undefined;
}
