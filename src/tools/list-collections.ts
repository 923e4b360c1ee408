import { z } from 'zod';
import { ageNote } from './common/age.ts';
import { allFit } from './common/answer-size.ts';
import { connection, database } from './common/arguments.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';
import { chosenDatabase, targetOf } from './common/targets.ts';

/** Names of other databases in a summary. */
const maxOthers = 10;

function otherDatabasesNote(names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, maxOthers).map((name) => `"${name}"`);
  const left = names.length - shown.length;
  return ` Other databases: ${shown.join(', ')}${left > 0 ? ` and ${left} more, see list_databases` : ''}.`;
}

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
          ? 'There is no data yet. Import some with `hydrogen import COLLECTION FILE`.'
          : `There is no data on connection "${name}".`;
      return { summary, rows: [] };
    }
    if (chosenDatabase(args, context) === undefined) {
      return {
        summary: `${plural(databases.length, 'database')} on connection "${name}". Name one as "database" to see its collections.`,
        rows: databases,
      };
    }
    const { connection: chosen, database } = targetOf(args, context);
    const others = otherDatabasesNote(
      databases.map((other) => other.name).filter((other) => other !== database),
    );
    const { found: collections, ageMs } = await chosen.descriptions.collections(database, call);
    const also = `${ageNote(ageMs)}${others}`;
    const found = `${plural(collections.length, 'collection')} in database "${database}"`;
    const rows = collections.map(({ name, documents, bytes, view, narrowed }) =>
      view ? { name, view } : { name, documents, ...(!narrowed && { bytes }) },
    );
    if (allFit(rows, context.config)) return { summary: `${found}.${also}`, rows };
    const names = collections.map((entry) => entry.name);
    return { summary: `${found}, too many for their sizes: names only.${also}`, rows: names };
  },
});
