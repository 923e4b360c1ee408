import { z } from 'zod';
import { collation, filter, target } from './common/arguments.ts';
import { defineTool, narrowQuery } from './common/define.ts';
import { emptyHint, foundHint } from './common/hints.ts';
import { collated, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const count = defineTool({
  name: 'count',
  operation: 'read',
  title: 'Count documents',
  description:
    'How many documents of a collection match a filter. Cheaper than `find` when only the number matters.',
  lateAdvice: narrowQuery,
  input: z.strictObject({ ...target, filter, collation }),
  output: z.strictObject({ count: z.int(), note: z.string().optional() }),
  async run({ filter: given, ...args }, context) {
    const { store, namespace } = collectionOf(args, context);
    const filter = queryArgument('filter', given);
    const count = await store.count({ ...namespace, filter, ...collated(args.collation) }, context.call);
    const hint =
      count === 0
        ? await emptyHint(store, namespace, filter, context.call)
        : await foundHint(store, namespace, filter, args.collation, context.call);
    const note = hint.trim();
    return { count, ...(note !== '' && { note }) };
  },
});
