import { badInput, HydrogenError, notSupported, reworded } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import { refusedOrUnknown } from '../names.ts';
import { type Document, MAX_DEPTH } from '../types.ts';
import { isDocument } from '../values/fields.ts';
import { toInteger } from '../values/numbers.ts';
import { dependsOnEngine, withoutChangedResults } from './group-results.ts';
import { FORBIDDEN, REFUSED_STAGES, STAGES, UPDATE_STAGES, WRITE_STAGES } from './registry.ts';
import { compileSortStage } from './sort.ts';
import type { PipelineContext, Stage, StageContext } from './stage.ts';

/** MongoDB's limit (internalPipelineLengthLimit), which also bounds the depth of nested generators. */
const MAX_STAGES = 1_000;
/** MongoDB's limit on pipelines within pipelines. */
const MAX_LEVELS = 20;

/**
 * Compiles a pipeline; everything in it is checked before any document is read.
 * @throws HydrogenError bad_input or not_supported, naming the stage
 */
export function compilePipeline(
  pipeline: unknown,
  place: PipelineContext,
  scope: Scope,
  collection: (name: string, filter?: Document) => Iterable<Document>,
  outer: { readonly level: number; readonly inFacet: boolean; readonly before?: number } = {
    level: 0,
    inFacet: false,
  },
): Stage {
  if (!Array.isArray(pipeline)) throw badInput('A pipeline must be an array of stages.');
  if (pipeline.length > MAX_STAGES) {
    throw badInput(
      `A pipeline may have at most ${MAX_STAGES.toLocaleString('en')} stages, not ${pipeline.length.toLocaleString('en')}.`,
    );
  }
  if (scope.depth > MAX_DEPTH) throw badInput(`Pipelines are nested more than ${MAX_DEPTH} levels deep.`);
  if (outer.level > MAX_LEVELS) throw badInput(`Pipelines are nested more than ${MAX_LEVELS} levels deep.`);
  const inFacet = outer.inFacet || place === 'facet';
  const within = { level: outer.level + 1, inFacet };
  const context: StageContext = {
    scope,
    place,
    inFacet,
    collection,
    pipeline: (stages, where, inner) =>
      compilePipeline(stages, where, { ...inner, depth: inner.depth + 1 }, collection, within),
  };
  const stages = pipeline.map((spec, at) => compileStage(spec, at, pipeline, context));
  if (outer.before === undefined) {
    return (input) => stages.reduce<Iterable<Document>>((docs, stage) => stage(docs), input);
  }
  const first = outer.before + 1;
  const names = pipeline.map((spec, at) =>
    first + at < 1 ? undefined : `Stage ${first + at} (${stageName(spec)})`,
  );
  return (input) => {
    const seen = new WeakSet<Error>();
    return stages.reduce(
      (docs, stage, at) => placed(stage(docs), seen, names[at]),
      placed(input, seen, undefined),
    );
  };
}

/**
 * Names the stage in an error about a document, which is `seen` from then on: it passes through the stages behind it.
 * @param name undefined for what comes before the first stage
 */
function placed(
  docs: Iterable<Document>,
  seen: WeakSet<Error>,
  name: string | undefined,
): Iterable<Document> {
  const named = (error: unknown): unknown => {
    if (!(error instanceof HydrogenError) || error.code !== 'bad_input' || seen.has(error)) return error;
    const told = name === undefined ? error : reworded(error, `${name}: ${error.message}`);
    seen.add(told);
    return told;
  };
  return {
    [Symbol.iterator]() {
      try {
        const iterator = docs[Symbol.iterator]();
        return {
          next() {
            try {
              return iterator.next();
            } catch (error) {
              throw named(error);
            }
          },
          return: (value) => iterator.return?.(value) ?? { done: true, value },
        };
      } catch (error) {
        throw named(error);
      }
    },
  };
}

/** The name of a stage. @throws HydrogenError bad_input if it has none or several */
export function stageName(spec: unknown): string {
  const names = isDocument(spec) ? Object.keys(spec) : [];
  const [name] = names;
  if (names.length !== 1 || name === undefined) {
    throw badInput('Every stage of a pipeline is a document with exactly one field, as in {$match: {…}}.');
  }
  return name;
}

function compileStage(spec: unknown, at: number, pipeline: readonly unknown[], context: StageContext): Stage {
  const name = stageName(spec);
  const argument = (spec as Document)[name];
  const { place } = context;
  if (FORBIDDEN[place].includes(name))
    throw badInput(`${name} is not allowed in a pipeline inside ${parentOf(place)}.`);
  if (place === 'update' && !UPDATE_STAGES.includes(name)) {
    throw badInput(`${name} is not allowed in an update. Use ${UPDATE_STAGES.join(', ')}.`);
  }
  if (name === '$documents' && at > 0) throw badInput('$documents must be the first stage.');
  if (WRITE_STAGES.includes(name)) throw notSupported(name, 'a pipeline only reads; use the write tools');
  if (name === '$sort') return compileSortStage(argument, context, limitAfter(pipeline, at));
  const operator = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (operator === undefined) throw refusedOrUnknown('stage', name, Object.keys(STAGES), REFUSED_STAGES);
  const stage = operator(argument, context, name);
  return place === 'top' && dependsOnEngine(pipeline, at) ? withoutChangedResults(stage) : stage;
}

const parentOf = (place: PipelineContext): string =>
  ({ lookup: '$lookup', union: '$unionWith', facet: '$facet' })[place as 'facet'];

/** How many documents of a $sort can be needed, given the $skip and $limit right after it. */
function limitAfter(pipeline: readonly unknown[], at: number): number {
  let skipped = 0;
  for (const spec of pipeline.slice(at + 1)) {
    if (!isDocument(spec)) break;
    const count = Number(toInteger(spec['$skip'] ?? spec['$limit']) ?? -1n);
    if (count < 0) break;
    if ('$limit' in spec) return skipped + count;
    skipped += count;
  }
  return Number.POSITIVE_INFINITY;
}
