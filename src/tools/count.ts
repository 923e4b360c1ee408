import { z } from 'zod';
import { collation, filter, target } from './common/arguments.ts';
import { defineTool, narrowQuery } from './common/define.ts';
import { emptyCollection, emptyHint, foundHint } from './common/hints.ts';
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
    async function hintOf(count: number): Promise<string> {
      if (count > 0) return foundHint(store, namespace, filter, args.collation, context.call);
      // Without a filter there is nothing to look for.
      if (Object.keys(filter).length === 0) return emptyCollection;
      return emptyHint(store, namespace, filter, context.call);
    }
    const count = await store.count({ ...namespace, filter, ...collated(args.collation) }, context.call);
    const hint = await hintOf(count);
    const note = hint.trim();
    return { count, ...(note !== '' && { note }) };
  },
});
