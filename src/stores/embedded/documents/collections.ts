import type { CollectionEntry, DatabaseEntry, Namespace } from '../../documents/document-store.ts';
import { unknownCollection, unknownDatabase } from '../../documents/not-found.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';

export interface CollectionRow extends CollectionEntry {
  readonly id: number;
}

export function listDatabases(session: Session): DatabaseEntry[] {
  const rows = statement(
    session,
    'SELECT database, count(*) AS collections, sum(bytes) AS bytes FROM collections GROUP BY database ORDER BY database',
  ).all();
  return rows.map((row) => ({
    name: String(row['database']),
    collections: Number(row['collections']),
    bytes: Number(row['bytes']),
  }));
}

export function listCollections(session: Session, database: string): CollectionEntry[] {
  const rows = statement(
    session,
    'SELECT name, documents, bytes FROM collections WHERE database = ? ORDER BY name',
  ).all(database);
  return rows.map((row) => ({
    name: String(row['name']),
    documents: Number(row['documents']),
    bytes: Number(row['bytes']),
  }));
}

export function findCollection(
  session: Session,
  { database, collection }: Namespace,
): CollectionRow | undefined {
  const row = statement(
    session,
    'SELECT id, name, documents, bytes FROM collections WHERE database = ? AND name = ?',
  ).get(database, collection);
  if (!row) return undefined;
  return {
    id: Number(row['id']),
    name: String(row['name']),
    documents: Number(row['documents']),
    bytes: Number(row['bytes']),
  };
}

/** @throws HydrogenError `not_found` that lists the existing ones. */
export function requireDatabase(session: Session, database: string): void {
  const known = listDatabases(session).map((entry) => entry.name);
  if (known.includes(database)) return;
  throw unknownDatabase(database, known, 'Nothing has been imported yet: `hydrogen import COLLECTION FILE`.');
}

/** @throws HydrogenError `not_found` with similar names. */
export function requireCollection(session: Session, namespace: Namespace): CollectionRow {
  const found = findCollection(session, namespace);
  if (found) return found;
  const { database } = namespace;
  requireDatabase(session, database);
  const known = listCollections(session, database).map((entry) => entry.name);
  throw unknownCollection(namespace, known);
}
