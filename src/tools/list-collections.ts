import { z } from 'zod';
import { connection, database } from './arguments.ts';
import { defineTool } from './define.ts';
import { plural } from './queries.ts';
import { targetOf } from './targets.ts';

export const listCollections = defineTool({
  name: 'list_collections',
  operation: 'read',
  title: 'List collections',
  description:
    'The collections of a database with their sizes, and the names of the other databases. Start here for data.',
  input: z.strictObject({ connection, database }),
  async run(args, context) {
    const { call } = context;
    const { store, database } = targetOf(args, context);
    const databases = await store.databases(call);
    if (databases.length === 0) {
      return {
        summary: 'There is no data yet. Data is imported with `hydrogen import COLLECTION FILE`.',
        rows: [],
      };
    }
    const others = databases.filter(({ name }) => name !== database).map(({ name }) => `"${name}"`);
    const collections = await store.collections(database, call);
    const also = others.length > 0 ? ` Other databases: ${others.join(', ')}.` : '';
    return {
      summary: `${plural(collections.length, 'collection')} in database "${database}".${also}`,
      rows: collections,
    };
  },
});
