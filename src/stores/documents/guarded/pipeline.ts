import { badInput, notSupported } from '../../../errors.ts';
import type { Document } from '../../../mql/index.ts';
import { stageName } from '../../../mql/stages/pipeline.ts';
import { isDocument } from '../../../mql/values/fields.ts';
import type { CollectionRule } from '../../../policy/data-rules.ts';
import { isRelated, namesIn, pathsOfFilter, pathToAbsent, touches, widest } from './paths.ts';
import { anyConditionMayFail, assertSafe, barrier, both, isPlain, mayFail, narrowing } from './rule.ts';

/** What rewriting needs to know of the other collections of the database. */
export interface Foreign {
  /** The rule of a collection that a stage reads, which is noted; `plainRule` for one that does not exist. */
  ruleOf(collection: string): CollectionRule;
  /** The name under which the store is asked for it. */
  nameOf(collection: string): string;
  /** A name that no field has. */
  readonly absentField: string;
}

/** Stages that read nothing but the documents that they are given. */
const passed: ReadonlySet<string> = new Set([
  '$addFields',
  '$bucket',
  '$bucketAuto',
  '$count',
  '$densify',
  '$documents',
  '$fill',
  '$group',
  '$limit',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$sample',
  '$set',
  '$setWindowFields',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unset',
  '$unwind',
]);

/** A pipeline in the query that it is a part of. */
interface Within extends Foreign {
  /**
   * Whether any condition of the query can fail, wherever it stands: servers move a `$match` behind a join into the pipeline
   * of the join, up to the rows.
   */
  readonly mayFail: boolean;
}

type Rewrite = (argument: unknown, foreign: Within) => Document[];

const rewrites: Readonly<Record<string, Rewrite>> = {
  $facet: (argument, foreign) => {
    if (!isDocument(argument)) throw badInput('$facet takes a document of pipelines, each with a name.');
    const facets = Object.entries(argument).map(([name, inner]) => [name, stages(inner, foreign)] as const);
    return [{ $facet: Object.fromEntries(facets) }];
  },
  $unionWith: (argument, foreign) => [{ $unionWith: union(argument, foreign) }],
  $lookup: (argument, foreign) => [{ $lookup: lookup(argument, foreign) }],
  $graphLookup: graphLookup,
};

function rewrittenStage(stage: unknown, foreign: Within): Document[] {
  const name = stageName(stage);
  if (passed.has(name)) return [stage as Document];
  const rewrite = Object.hasOwn(rewrites, name) ? rewrites[name] : undefined;
  if (rewrite === undefined) {
    throw notSupported(`${name} where rules narrow what a caller sees`, 'use another stage');
  }
  return rewrite((stage as Document)[name], foreign);
}

function listOf(pipeline: unknown): readonly unknown[] {
  if (!Array.isArray(pipeline)) throw badInput('A pipeline must be an array of stages.');
  return pipeline;
}

const stages = (pipeline: unknown, foreign: Within): Document[] =>
  listOf(pipeline).flatMap((stage) => rewrittenStage(stage, foreign));

const usesText = (filter: unknown): boolean => [...namesIn(filter)].includes('$text');

/** The first stage together with the rows, where a server demands that it is the first. */
function merged(first: unknown, rule: CollectionRule): Document | undefined {
  const { rows, hidden } = rule;
  const [name = '', argument] = isDocument(first) ? (Object.entries(first)[0] ?? []) : [];
  if (!isDocument(argument)) return undefined;
  if (name === '$match' && usesText(argument)) {
    if (rows !== undefined && mayFail(argument)) {
      throw notSupported('$text and $expr in one $match with the rules for this collection');
    }
    return { $match: both(rows, argument) };
  }
  if (name !== '$geoNear') return undefined;
  const { query = {} } = argument;
  if (hidden.length > 0 || !isDocument(query) || (rows !== undefined && mayFail(query))) {
    throw notSupported('$geoNear with the rules for this collection');
  }
  return { $geoNear: { ...argument, query: both(rows, query) } };
}

/**
 * A pipeline on what of a collection exists for the caller, to be run on the whole collection; the same for every
 * collection that it joins.
 * @throws HydrogenError `not_supported` for what cannot be narrowed exactly, by name; `bad_input`
 */
export function narrowed(pipeline: readonly unknown[], rule: CollectionRule, foreign: Foreign): Document[] {
  return narrowedWithin(pipeline, rule, { ...foreign, mayFail: anyConditionMayFail(pipeline) });
}

function narrowedWithin(pipeline: readonly unknown[], rule: CollectionRule, foreign: Within): Document[] {
  const [first] = pipeline;
  assertSafe(rule, pipeline);
  if (first !== undefined && stageName(first) === '$documents') return stages(pipeline, foreign);
  const joined = merged(first, rule);
  const asked = joined === undefined ? pipeline : pipeline.slice(1);
  // What cannot fail stays where an index serves it.
  const behind = asked.findIndex((stage) => stageName(stage) !== '$match' || mayFail(stage));
  const begin = behind < 0 ? asked.length : behind;
  return [
    ...(joined === undefined ? narrowing(rule, false) : [joined]),
    ...stages(asked.slice(0, begin), foreign),
    ...(rule.rows !== undefined && foreign.mayFail ? [barrier] : []),
    ...stages(asked.slice(begin), foreign),
  ];
}

/** The arguments of a stage. @throws HydrogenError `bad_input` for one that it does not have */
function argumentsOf(stage: string, argument: unknown, known: readonly string[]): Document {
  if (!isDocument(argument)) throw badInput(`${stage} takes a document of arguments.`);
  const other = Object.keys(argument).find((name) => !known.includes(name));
  if (other !== undefined) {
    throw badInput(`${stage} has no argument "${other}". It takes ${known.join(', ')}.`);
  }
  return argument;
}

function sourceOf(stage: string, from: unknown, foreign: Foreign): { name: string; rule: CollectionRule } {
  if (typeof from !== 'string') throw badInput(`${stage} needs the name of a collection.`);
  const rule = foreign.ruleOf(from);
  return { name: foreign.nameOf(from), rule };
}

const beginsWithDocuments = (pipeline: unknown): boolean =>
  Array.isArray(pipeline) && isDocument(pipeline[0]) && Object.hasOwn(pipeline[0], '$documents');

/** The pipeline of a join; null is none, as servers read it. */
function inner(pipeline: unknown, rule: CollectionRule, foreign: Within): Document[] {
  return narrowedWithin(listOf(pipeline ?? []), rule, foreign);
}

function union(argument: unknown, foreign: Within): unknown {
  const { coll, pipeline } =
    typeof argument === 'string'
      ? { coll: argument, pipeline: undefined }
      : argumentsOf('$unionWith', argument, ['coll', 'pipeline']);
  if (coll === undefined && beginsWithDocuments(pipeline)) return { pipeline: stages(pipeline, foreign) };
  const { name, rule } = sourceOf('$unionWith', coll, foreign);
  if (pipeline === undefined && isPlain(rule)) return name;
  return { coll: name, pipeline: inner(pipeline, rule, foreign) };
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** The field by which a join finds documents: one that is hidden is missing in all of them. */
function foreignPath(stage: string, path: unknown, { hidden }: CollectionRule, foreign: Foreign): unknown {
  if (typeof path !== 'string') return path;
  const absent = pathToAbsent(path, hidden, foreign.absentField);
  if (absent !== undefined) return absent;
  if (!touches([path], hidden)) return path;
  throw notSupported(
    `${stage} by "${path}" with the rules for the other collection`,
    'join by a field in it, or by another one',
  );
}

function lookup(argument: unknown, foreign: Within): Document {
  const known = ['from', 'localField', 'foreignField', 'let', 'pipeline', 'as'];
  const { from, foreignField, pipeline, ...rest } = argumentsOf('$lookup', argument, known);
  if (from === undefined && beginsWithDocuments(pipeline)) {
    return { ...argumentsOf('$lookup', argument, known), pipeline: stages(pipeline, foreign) };
  }
  const { name, rule } = sourceOf('$lookup', from, foreign);
  if (![pipeline, foreignField, rest['localField']].some(isSet)) {
    throw badInput('$lookup needs localField and foreignField, or a pipeline.');
  }
  const path = isSet(foreignField) ? foreignPath('$lookup', foreignField, rule, foreign) : foreignField;
  const isWhole = pipeline === undefined && isPlain(rule);
  return {
    from: name,
    ...rest,
    ...(path !== undefined && { foreignField: path }),
    ...(!isWhole && { pipeline: inner(pipeline, rule, foreign) }),
  };
}

function graphLookup(argument: unknown, foreign: Within): Document[] {
  const known = ['from', 'startWith', 'connectFromField', 'connectToField', 'as'];
  const optional = ['maxDepth', 'depthField', 'restrictSearchWithMatch'];
  const args = argumentsOf('$graphLookup', argument, [...known, ...optional]);
  const { name, rule } = sourceOf('$graphLookup', args['from'], foreign);
  const { rows, hidden } = rule;
  if (isPlain(rule)) return [{ $graphLookup: { ...args, from: name } }];
  const { as, depthField, restrictSearchWithMatch: restriction = {} } = args;
  const paths = pathsOfFilter(restriction);
  if (!isDocument(restriction) || paths === undefined || touches(paths, hidden)) {
    throw notSupported('"restrictSearchWithMatch" of $graphLookup with the rules for the other collection');
  }
  if (typeof as !== 'string') throw badInput('"as" of $graphLookup must be the name of a field.');
  if (typeof depthField === 'string' && hidden.some((path) => isRelated(path, depthField))) {
    throw notSupported(`"depthField" "${depthField}" with the rules for the other collection`);
  }
  const search = {
    ...args,
    from: name,
    connectFromField: foreignPath('$graphLookup', args['connectFromField'], rule, foreign),
    connectToField: foreignPath('$graphLookup', args['connectToField'], rule, foreign),
    restrictSearchWithMatch: both(rows, restriction),
  };
  return [
    { $graphLookup: search },
    ...(hidden.length === 0 ? [] : [{ $unset: widest(hidden).map((path) => `${as}.${path}`) }]),
  ];
}
