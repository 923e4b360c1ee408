import { z } from 'zod';
import { HydrogenError } from '../errors.ts';
import type { Connection } from '../stores/documents/connections.ts';
import { connection } from './common/arguments.ts';
import { defineTool, type ToolContext } from './common/define.ts';
import { plural } from './common/queries.ts';

async function rowsOf(
  { name, store, database }: Connection,
  { call }: ToolContext,
): Promise<Record<string, unknown>[]> {
  const databases = await store.databases(call);
  return databases.map((entry) => ({
    connection: name,
    database: entry.name,
    collections: entry.collections,
    ...(entry.bytes !== undefined && { bytes: entry.bytes }),
    ...(entry.name === database && { default: true }),
  }));
}

/** An unreachable server must not hide the databases of the others. */
async function rowsOrReason(candidate: Connection, context: ToolContext): Promise<Record<string, unknown>[]> {
  try {
    return await rowsOf(candidate, context);
  } catch (error) {
    if (!(error instanceof HydrogenError) || context.call.signal.aborted) throw error;
    return [{ connection: candidate.name, unavailable: error.message }];
  }
}

export const listDatabases = defineTool({
  name: 'list_databases',
  operation: 'read',
  title: 'List databases',
  description: 'The connections and their databases, with sizes.',
  input: z.strictObject({ connection }),
  async run({ connection: requested }, context) {
    const { connections } = context;
    const chosen = requested === undefined ? undefined : connections.get(requested);
    const rows = chosen
      ? await rowsOf(chosen, context)
      : (await Promise.all(connections.all.map((candidate) => rowsOrReason(candidate, context)))).flat();
    const count = plural(rows.filter((row) => 'database' in row).length, 'database');
    const where = chosen ? `connection "${chosen.name}"` : plural(connections.all.length, 'connection');
    const preset = chosen ?? connections.get();
    // It need not exist for the caller.
    const isThere = rows.some((row) => 'database' in row && row.database === preset.database);
    const calls =
      preset.database === undefined || (!isThere && context.call.caller.roles !== undefined)
        ? ` Calls on "${preset.name}" must name a database.`
        : ` Calls on "${preset.name}" that name none use "${preset.database}".`;
    const first = connections.all.length > 1 ? ` The default connection is "${connections.get().name}".` : '';
    return { summary: `${count} on ${where}.${first}${calls}`, rows };
  },
});
