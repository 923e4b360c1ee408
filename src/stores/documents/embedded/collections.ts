import { HydrogenError } from '../../../errors.ts';
import { nearest } from '../../../near.ts';
import type { Session } from '../../sqlite/operation.ts';
import type { CollectionEntry, DatabaseEntry, Namespace } from '../document-store.ts';

export interface CollectionRow extends CollectionEntry {
  readonly id: number;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

export function listDatabases({ db }: Session): DatabaseEntry[] {
  const rows = db
    .prepare('SELECT database, count(*) AS collections FROM collections GROUP BY database ORDER BY database')
    .all();
  return rows.map((row) => ({ name: String(row['database']), collections: Number(row['collections']) }));
}

export function listCollections({ db }: Session, database: string): CollectionEntry[] {
  const rows = db
    .prepare('SELECT name, documents, bytes FROM collections WHERE database = ? ORDER BY name')
    .all(database);
  return rows.map((row) => ({
    name: String(row['name']),
    documents: Number(row['documents']),
    bytes: Number(row['bytes']),
  }));
}

export function findCollection(
  { db }: Session,
  { database, collection }: Namespace,
): CollectionRow | undefined {
  const row = db
    .prepare('SELECT id, name, documents, bytes FROM collections WHERE database = ? AND name = ?')
    .get(database, collection);
  if (!row) return undefined;
  return {
    id: Number(row['id']),
    name: String(row['name']),
    documents: Number(row['documents']),
    bytes: Number(row['bytes']),
  };
}

/** @throws HydrogenError `not_found` naming what there is instead. */
export function requireDatabase(session: Session, database: string): void {
  const known = listDatabases(session).map((entry) => entry.name);
  if (known.includes(database)) return;
  const near = nearest(database, known);
  const hint =
    known.length === 0
      ? 'Nothing has been imported yet: `hydrogen import COLLECTION FILE`.'
      : `There is ${quoted((near.length > 0 ? near : known).slice(0, 5))}.`;
  throw new HydrogenError('not_found', `There is no database "${database}". ${hint}`, { near });
}

/** @throws HydrogenError `not_found` with the near names. */
export function requireCollection(session: Session, namespace: Namespace): CollectionRow {
  const found = findCollection(session, namespace);
  if (found) return found;
  const { database, collection } = namespace;
  requireDatabase(session, database);
  const known = listCollections(session, database).map((entry) => entry.name);
  const near = nearest(collection, known);
  const hint =
    near.length > 0
      ? `Did you mean ${quoted(near)}?`
      : `There is ${quoted(known.slice(0, 8))}${known.length > 8 ? ` and ${known.length - 8} more` : ''}.`;
  throw new HydrogenError(
    'not_found',
    `There is no collection "${collection}" in database "${database}". ${hint}`,
    {
      near,
    },
  );
}
