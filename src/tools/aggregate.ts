import { z } from 'zod';
import { collation, limit, queryObject, target } from './arguments.ts';
import { defineTool } from './define.ts';
import { bounds, capNotice, collated, pipelineArgument, plural } from './queries.ts';
import { collectionOf } from './targets.ts';

export const aggregate = defineTool({
  name: 'aggregate',
  operation: 'read',
  title: 'Aggregate documents',
  description: 'Runs a MongoDB aggregation pipeline: group, join ($lookup), compute. It only reads.',
  input: z.strictObject({ ...target, pipeline: z.array(queryObject), collation, limit: limit(50) }),
  async run({ limit: wanted, pipeline, ...args }, context) {
    const { store, namespace } = collectionOf(args, context);
    const { documents, cappedBy } = await store.aggregate(
      {
        ...namespace,
        ...bounds(context, wanted),
        pipeline: pipelineArgument(pipeline),
        ...collated(args.collation),
      },
      context.call,
    );
    const found = `${plural(documents.length, 'result')} of the pipeline on "${namespace.collection}".`;
    const rest = cappedBy
      ? capNotice(
          cappedBy,
          wanted,
          context,
          'Let the pipeline give less ($group, $project, $limit) or page with $skip.',
        )
      : 'No more follow.';
    return { summary: `${found} ${rest}`, rows: documents };
  },
});
