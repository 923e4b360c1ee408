import { z } from 'zod';
import { badInput } from '../errors.ts';
import { stringifyExtendedJson } from '../mql/formats.ts';
import { filter, pipeline, queryObject, target } from './common/arguments.ts';
import { defineTool, narrowQuery } from './common/define.ts';
import { emptyHint } from './common/hints.ts';
import { pipelineHint } from './common/pipeline-hints.ts';
import { collated, pipelineArgument, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

const planNames = { id: 'by _id', index: 'index', collection_scan: 'collection scan' } as const;

export const explain = defineTool({
  name: 'explain',
  operation: 'read',
  title: 'Explain a query',
  description:
    'Runs a query to show why it is slow: index used or collection scan, documents examined, an index that would help.',
  lateAdvice: narrowQuery,
  input: z.strictObject({
    ...target,
    filter,
    sort: queryObject.optional(),
    pipeline: pipeline.optional(),
    collation: queryObject.optional(),
  }),
  output: z.strictObject({
    plan: z.string(),
    index: z.string().optional(),
    examined: z.int(),
    returned: z.int(),
    suggested_index: z.unknown().optional(),
    note: z.string().optional(),
  }),
  async run({ filter: givenFilter, pipeline: givenPipeline, sort, ...args }, context) {
    if (givenPipeline && (sort || Object.keys(givenFilter).length > 0)) {
      throw badInput(
        'Give either "pipeline" or "filter" and "sort": a pipeline has them as $match and $sort.',
      );
    }
    const { store, namespace } = collectionOf(args, context);
    const filter = queryArgument('filter', givenFilter);
    const pipeline = givenPipeline && pipelineArgument(givenPipeline);
    const found = await store.explain(
      {
        ...namespace,
        filter,
        ...(sort && { sort: queryArgument('sort', sort) }),
        ...(pipeline && { pipeline }),
        ...collated(args.collation),
      },
      context.call,
    );
    const { plan, index, documentsExamined: examined, documentsReturned: returned, suggestion } = found;
    const empty = (): Promise<string> =>
      pipeline
        ? pipelineHint(store, namespace, pipeline, [], args.collation, context.call)
        : emptyHint(store, namespace, filter, context.call);
    const hint = returned === 0 ? await empty() : '';
    // An index on a misspelt field would help nobody.
    const better = hint === '' ? suggestion : undefined;
    const note = `${found.notes.join(' ')}${hint}`.trim();
    return {
      plan: planNames[plan],
      ...(index !== undefined && { index }),
      examined,
      returned,
      ...(better && {
        suggested_index: JSON.parse(stringifyExtendedJson(better, { relaxed: true })) as unknown,
      }),
      ...(note !== '' && { note }),
    };
  },
});
