import { HydrogenError } from '../../../errors.ts';
import type { Document } from '../../../mql/formats.ts';
import { codeOf } from '../../mongodb/errors.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type { CollectionEntry, DatabaseEntry, Namespace } from '../document-store.ts';
import { unknownCollection, unknownDatabase } from '../not-found.ts';

/** The server's internal databases: never listed, never read. */
const internalDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local']);
export const isInternal = (collection: string): boolean =>
  collection.startsWith('system.') || collection.startsWith('enxcol_.');

/** How many collections are asked for their sizes concurrently. */
const parallel = 5;
const unauthorized = 13;

/** What is known about a collection without reading it. */
export interface CollectionInfo {
  readonly name: string;
  readonly view: boolean;
  /** It has a default collation: its strings are not in binary order. */
  readonly collated: boolean;
}

function infoOf(entry: Document): CollectionInfo {
  const options = entry['options'] as Document | undefined;
  return {
    name: String(entry['name']),
    view: entry['type'] === 'view',
    collated: options?.['collation'] !== undefined || entry['type'] === 'view',
  };
}

export async function collectionInfos(
  { client, options }: ServerSession,
  database: string,
  name?: string,
): Promise<CollectionInfo[]> {
  const filter = name === undefined ? {} : { name };
  const list = async (how: object): Promise<CollectionInfo[]> => {
    const cursor = client.db(database).listCollections(filter, { ...options(), ...how });
    return (await cursor.toArray()).map(infoOf);
  };
  try {
    return await list({});
  } catch (error) {
    if (codeOf(error) !== unauthorized) throw error;
    // A user who may not list all collections may still list those it can read.
    return await list({ nameOnly: true, authorizedCollections: true });
  }
}

async function databaseRows({ client, options }: ServerSession): Promise<Document[]> {
  const { databases } = await client
    .db('admin')
    .admin()
    .listDatabases({ ...options() });
  return databases.filter(({ name }) => !internalDatabases.has(name));
}

/** @throws HydrogenError `not_allowed` */
export function refuseInternal({ database, collection }: Namespace): void {
  if (internalDatabases.has(database)) {
    throw new HydrogenError(
      'not_allowed',
      `The database "${database}" is the server's own: it cannot be read or written here.`,
    );
  }
  if (isInternal(collection)) {
    throw new HydrogenError(
      'not_allowed',
      `The collection "${collection}" is the server's own: it cannot be read or written here.`,
    );
  }
}

/** @throws HydrogenError `not_found` with similar names, `not_allowed` for the server's own. */
export async function requireCollection(
  session: ServerSession,
  namespace: Namespace,
): Promise<CollectionInfo> {
  refuseInternal(namespace);
  const { database, collection } = namespace;
  const found = (await collectionInfos(session, database, collection)).find(
    ({ name }) => name === collection,
  );
  if (found) return found;
  const known = await collectionInfos(session, database);
  const names = known.map(({ name }) => name).filter((name) => !isInternal(name));
  if (names.length === 0) await requireDatabase(session, database);
  throw unknownCollection(namespace, names.sort());
}

async function requireDatabase(session: ServerSession, database: string): Promise<void> {
  const names = (await databaseRows(session)).map((row) => String(row['name'])).sort();
  if (!names.includes(database)) throw unknownDatabase(database, names, 'The server holds no data yet.');
}

/**
 * Runs `work` while the collection is looked up: results from a collection that does not exist are never returned as an
 * empty answer.
 */
export async function onCollection<T>(
  session: ServerSession,
  namespace: Namespace,
  work: () => Promise<T>,
): Promise<{ result: T; info: CollectionInfo }> {
  refuseInternal(namespace);
  const working = work();
  working.catch(() => {});
  const info = await requireCollection(session, namespace);
  return { result: await working, info };
}

export async function inParallel<In, Out>(
  items: readonly In[],
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  for (let at = 0; at < items.length; at += parallel) {
    results.push(...(await Promise.all(items.slice(at, at + parallel).map(work))));
  }
  return results;
}

/** Databases with the number of their collections, without the server's own. */
export async function listDatabases(session: ServerSession): Promise<DatabaseEntry[]> {
  const rows = await databaseRows(session);
  const entries = await inParallel(rows, async (row) => {
    const name = String(row['name']);
    const infos = await collectionInfos(session, name);
    const size = row['sizeOnDisk'];
    return {
      name,
      collections: infos.filter((info) => !isInternal(info.name)).length,
      ...(size !== undefined && { bytes: Number(size) }),
    };
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Documents and bytes of BSON, from the server's counters. */
export async function sizeOf(
  { client, options }: ServerSession,
  { database, collection }: Namespace,
): Promise<{ documents: number; bytes: number }> {
  const { readPreference, ...rest } = options();
  const { signal, maxTimeMS } = rest;
  const stats = await client
    .db(database)
    .command(
      { collStats: collection, ...(maxTimeMS !== undefined && { maxTimeMS }) },
      { signal, ...(readPreference && { readPreference }) },
    );
  return { documents: Number(stats['count'] ?? 0), bytes: Number(stats['size'] ?? 0) };
}

/** @throws HydrogenError `not_found` for an unknown database. */
export async function listCollections(session: ServerSession, database: string): Promise<CollectionEntry[]> {
  refuseInternal({ database, collection: '' });
  const infos = (await collectionInfos(session, database)).filter(({ name }) => !isInternal(name));
  if (infos.length === 0) await requireDatabase(session, database);
  const entries = await inParallel(infos, async ({ name, view }): Promise<CollectionEntry> => {
    if (view) return { name, documents: 0, bytes: 0, view };
    return { name, ...(await sizeOf(session, { database, collection: name })) };
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
