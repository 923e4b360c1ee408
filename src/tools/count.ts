import { z } from 'zod';
import { collection, database, filter } from './arguments.ts';
import { defineTool } from './define.ts';
import { emptyHint } from './hints.ts';
import { queryArgument } from './queries.ts';

export const count = defineTool({
  name: 'count',
  operation: 'read',
  title: 'Count documents',
  description:
    'How many documents of a collection match a filter. Cheaper than find when only the number matters.',
  input: z.strictObject({ database, collection, filter }),
  output: z.strictObject({ count: z.int(), note: z.string().optional() }),
  async run({ filter: given, ...namespace }, context) {
    const filter = queryArgument('filter', given);
    const count = await context.documents.count({ ...namespace, filter }, context.call);
    const note = count === 0 ? (await emptyHint(namespace, filter, context)).trim() : '';
    return { count, ...(note !== '' && { note }) };
  },
});
