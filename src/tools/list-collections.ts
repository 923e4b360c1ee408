import { z } from 'zod';
import { database } from './arguments.ts';
import { defineTool } from './define.ts';
import { plural } from './queries.ts';

export const listCollections = defineTool({
  name: 'list_collections',
  operation: 'read',
  title: 'List collections',
  description:
    'The collections of a database with their sizes, and the names of the other databases. Start here for data.',
  input: z.strictObject({ database }),
  async run({ database }, { documents, call }) {
    const databases = await documents.databases(call);
    if (databases.length === 0) {
      return {
        summary: 'There is no data yet. Data is imported with `hydrogen import COLLECTION FILE`.',
        rows: [],
      };
    }
    const others = databases.filter(({ name }) => name !== database).map(({ name }) => `"${name}"`);
    const collections = await documents.collections(database, call);
    const also = others.length > 0 ? ` Other databases: ${others.join(', ')}.` : '';
    return {
      summary: `${plural(collections.length, 'collection')} in database "${database}".${also}`,
      rows: collections,
    };
  },
});
