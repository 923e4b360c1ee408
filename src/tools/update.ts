import { z } from 'zod';
import { badInput } from '../errors.ts';
import { type Document, stringifyExtendedJson } from '../mql/formats.ts';
import {
  changeFilter,
  listOf,
  many,
  pipeline,
  queryObject,
  target,
  updateObject,
} from './common/arguments.ts';
import { changeNote, makeChange } from './common/changes.ts';
import { askedFirst, defineTool, narrowFilter } from './common/define.ts';
import { pipelineArgument, plural, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

type Json = Record<string, unknown>;

interface Given {
  readonly update?: Json | Json[] | undefined;
  readonly pipeline?: Json[] | undefined;
  readonly replacement?: Json | undefined;
}

/** @throws HydrogenError `bad_input`: a forgotten $set must not replace a document */
function changeOf({ update, pipeline, replacement }: Given): Document | Document[] {
  if ([update, pipeline, replacement].filter((form) => form !== undefined).length !== 1) {
    throw badInput(
      'Give one of "update" (operators), "pipeline" (a list of stages) and "replacement" (a whole document).',
    );
  }
  if (replacement !== undefined) {
    const operator = Object.keys(replacement).find((name) => name.startsWith('$'));
    if (operator === undefined) return queryArgument('replacement', replacement);
    throw badInput(`argument "replacement" has the operator ${operator}: operators go in "update".`);
  }
  if (pipeline !== undefined) return pipelineArgument(pipeline);
  if (Array.isArray(update)) return update.map((stage, i) => queryArgument(`update.${i}`, stage));
  const operators = update ?? {};
  if (Object.keys(operators)[0]?.startsWith('$')) return queryArgument('update', operators);
  throw badInput(
    'argument "update" needs operators, as in {"$set":{"status":"done"}}. To replace a whole document, use "replacement".',
  );
}

export const update = defineTool({
  name: 'update',
  operation: 'write',
  isConfirmed: true,
  title: 'Update documents',
  description: `Changes the first matching document, or all with many. ${askedFirst}`,
  lateAdvice: narrowFilter,
  input: z.strictObject({
    ...target,
    filter: changeFilter,
    update: updateObject.optional().describe('operators'),
    pipeline: pipeline.optional().describe('instead: stages'),
    replacement: queryObject.optional().describe('instead: a whole document'),
    many,
    upsert: z.boolean().default(false),
    array_filters: listOf(queryObject, { min: 1, max: 1_000 }).optional(),
  }),
  output: z.strictObject({
    matched: z.int(),
    changed: z.int(),
    upserted_id: z.unknown().optional(),
    note: z.string().optional(),
  }),
  async run(args, context) {
    const target = collectionOf(args, context);
    const { many, upsert, array_filters: given } = args;
    const filter = queryArgument('filter', args.filter);
    const update = changeOf(args);
    const arrayFilters = given?.map((arrayFilter, i) => queryArgument(`array_filters.${i}`, arrayFilter));
    const verb = args.replacement ? 'Replace' : 'Update';
    const result = await makeChange(
      {
        tool: 'update',
        args,
        target,
        change: {
          kind: 'update',
          ...target.namespace,
          ...{ filter, update, many, upsert },
          ...(arrayFilters && { arrayFilters }),
        },
        sentence: (matched) => `${verb} ${plural(matched, 'document')}`,
        details: {
          filter,
          [args.replacement ? 'replacement' : Array.isArray(update) ? 'pipeline' : 'update']: update,
          ...(arrayFilters && { array_filters: arrayFilters }),
        },
      },
      context,
    );
    const { matched, changed, upsertedId } = result;
    const shown = (id: unknown): unknown => JSON.parse(stringifyExtendedJson(id, { relaxed: true }));
    return {
      matched,
      changed,
      ...(upsertedId !== undefined && { upserted_id: shown(upsertedId) }),
      ...(await changeNote(result, target, filter, context)),
    };
  },
});
