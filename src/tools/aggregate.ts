import { z } from 'zod';
import type { Call } from '../call.ts';
import { databaseTag } from '../stores/documents/descriptions.ts';
import { capNotice, queryBounds } from './common/answer-size.ts';
import { collation, limit, pipeline, target } from './common/arguments.ts';
import { defineTool, narrowQuery, type Rows } from './common/define.ts';
import { pipelineHint } from './common/pipeline-hints.ts';
import { collated, pipelineArgument, plural } from './common/queries.ts';
import { rememberedAnswer } from './common/remembered.ts';
import { collectionOf } from './common/targets.ts';

export const aggregate = defineTool({
  name: 'aggregate',
  operation: 'read',
  title: 'Aggregate documents',
  description: 'Runs a MongoDB aggregation pipeline: group, join ($lookup), compute. It only reads.',
  lateAdvice: narrowQuery,
  input: z.strictObject({ ...target, pipeline, collation, limit: limit(50) }),
  async run({ limit: requestedLimit, pipeline: given, ...args }, context) {
    const { connection, database, store, namespace } = collectionOf(args, context);
    const pipeline = pipelineArgument(given);
    const compute = async (call: Call): Promise<Rows> => {
      const { documents, cappedBy } = await store.aggregate(
        {
          ...namespace,
          ...queryBounds(context, requestedLimit),
          pipeline,
          ...collated(args.collation),
        },
        call,
      );
      const found = `${plural(documents.length, 'result')} of the pipeline on "${namespace.collection}".`;
      const rest = cappedBy
        ? capNotice(
            cappedBy,
            requestedLimit,
            context,
            'Reduce the output ($group, $project, $limit) or page with $skip.',
          )
        : 'End of results.';
      const hint = await pipelineHint(store, namespace, pipeline, documents, args.collation, call);
      return { summary: `${found} ${rest}${hint}`, note: hint.trim(), rows: documents };
    };
    const { server } = connection;
    // What is embedded is here, and answers as fast.
    if (server === undefined) return compute(context.call);
    const answer = {
      name: 'aggregate',
      args: [given, args, requestedLimit],
      of: [server.identity, database],
      // Stages may read other collections of the database.
      tags: [databaseTag(server.identity, database)],
      hasDocuments: true,
    };
    return rememberedAnswer(answer, context, async (call) => ({ answer: await compute(call), isKept: true }));
  },
});
