import { z } from 'zod';
import { collection, database, filter } from './arguments.ts';
import { defineTool } from './define.ts';
import { queryArgument } from './queries.ts';

export const count = defineTool({
  name: 'count',
  operation: 'read',
  title: 'Count documents',
  description:
    'How many documents of a collection match a filter. Cheaper than find when only the number matters.',
  input: z.strictObject({ database, collection, filter }),
  output: z.strictObject({ count: z.int() }),
  run: async ({ filter, ...namespace }, { documents, call }) => ({
    count: await documents.count({ ...namespace, filter: queryArgument('filter', filter) }, call),
  }),
});
