import { HydrogenError } from '../../../errors.ts';
import { type Document, equals } from '../../../mql/index.ts';
import { similarNames } from '../../../similar-names.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type { IndexEntry, Namespace, NewIndex } from '../document-store.ts';
import { requireCollection } from './collections.ts';

/** All indexes of any kind: a special one has the name of its kind instead of 1 or -1. */
export async function listIndexes(session: ServerSession, namespace: Namespace): Promise<IndexEntry[]> {
  const { view } = await requireCollection(session, namespace);
  if (view) return [];
  const rows = await session.client
    .db(namespace.database)
    .collection(namespace.collection)
    .listIndexes({ ...session.options() })
    .toArray();
  return rows.map(({ name, key, unique }) => ({
    name: String(name),
    key: key as Document,
    // The index of _id is unique implicitly.
    unique: unique === true || name === '_id_',
  }));
}

/** An existing index equal to the requested one. @throws HydrogenError `conflict` for one that stands in its way */
function existing(indexes: readonly IndexEntry[], requested: NewIndex): IndexEntry | undefined {
  // equals() ignores the order of fields, which matters in an index.
  const sameFields = ({ key }: IndexEntry): boolean =>
    equals(key, requested.key) && Object.keys(key).join('\n') === Object.keys(requested.key).join('\n');
  const same = indexes.find(sameFields);
  const named = indexes.find(({ name }) => name === requested.name);
  if (same?.name === '_id_') return same;
  if (same && requested.name !== undefined && same.name !== requested.name) {
    throw new HydrogenError('conflict', `An index on these fields already exists, named "${same.name}".`);
  }
  if (same && same.unique !== requested.unique) {
    throw new HydrogenError(
      'conflict',
      `The index "${same.name}" is on these fields and is ${same.unique ? '' : 'not '}unique. Drop it first.`,
    );
  }
  if (!same && named) {
    throw new HydrogenError('conflict', `The index "${named.name}" is on other fields.`);
  }
  return same;
}

/** The server decides about kinds of index: text, geo and others are created where it supports them. */
export async function createIndex(
  session: ServerSession,
  requested: NewIndex,
): Promise<{ name: string; created: boolean }> {
  const same = existing(await listIndexes(session, requested), requested);
  if (same) return { name: same.name, created: false };
  const { readPreference: _, ...options } = session.options();
  const name = await session.client
    .db(requested.database)
    .collection(requested.collection)
    .createIndex(requested.key as Record<string, 1 | -1>, {
      ...options,
      ...(requested.name !== undefined && { name: requested.name }),
      ...(requested.unique && { unique: true }),
    });
  return { name, created: true };
}

/** @throws HydrogenError `not_found` with similar names; `bad_input` for the index that every collection has */
export async function namedIndex(
  session: ServerSession,
  namespace: Namespace & { readonly name: string },
): Promise<IndexEntry> {
  const { name, collection } = namespace;
  const all = await listIndexes(session, namespace);
  if (name === '_id_') {
    throw new HydrogenError(
      'bad_input',
      'The index "_id_" belongs to every collection and cannot be dropped.',
    );
  }
  const found = all.find((index) => index.name === name);
  if (found) return found;
  const names = all.map((index) => index.name).filter((indexName) => indexName !== '_id_');
  const suggestions = similarNames(name, names);
  const listed = (suggestions.length > 0 ? suggestions : names)
    .map((indexName) => `"${indexName}"`)
    .join(', ');
  throw new HydrogenError(
    'not_found',
    `There is no index "${name}" on "${collection}". ${names.length > 0 ? `There is ${listed}.` : 'It has none that can be dropped.'}`,
    { suggestions },
  );
}
