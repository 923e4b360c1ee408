import { z } from 'zod';
import { connection, database } from './arguments.ts';
import { defineTool } from './define.ts';
import { plural } from './queries.ts';
import { chosenDatabase, targetOf } from './targets.ts';

export const listCollections = defineTool({
  name: 'list_collections',
  operation: 'read',
  title: 'List collections',
  description:
    'The collections of a database with their sizes, and the names of the other databases. Start here for data.',
  input: z.strictObject({ connection, database }),
  async run(args, context) {
    const { call, connections } = context;
    const { store, kind, name } = connections.get(args.connection);
    const databases = await store.databases(call);
    if (databases.length === 0) {
      const summary =
        kind === 'embedded'
          ? 'There is no data yet. Data is imported with `hydrogen import COLLECTION FILE`.'
          : `There is no data on connection "${name}".`;
      return { summary, rows: [] };
    }
    if (chosenDatabase(args, context) === undefined) {
      return {
        summary: `${plural(databases.length, 'database')} on connection "${name}". Name one as "database" to see its collections.`,
        rows: databases,
      };
    }
    const { database } = targetOf(args, context);
    const others = databases.filter(({ name }) => name !== database).map(({ name }) => `"${name}"`);
    const collections = await store.collections(database, call);
    const also = others.length > 0 ? ` Other databases: ${others.join(', ')}.` : '';
    return {
      summary: `${plural(collections.length, 'collection')} in database "${database}".${also}`,
      rows: collections.map((entry) => (entry.view ? { name: entry.name, view: true } : entry)),
    };
  },
});
