import type { DatabaseSync } from 'node:sqlite';

/**
 * `documents.fields` is a projection of the BSON for SQL to filter by; the BSON stays the truth.
 * `indexes.multikey` holds one number a field. `index_entries.key` is the concatenation of the
 * order-preserving keys of the fields, those of descending ones complemented, so that the order of the bytes
 * is the order of the index. `index_counts` has how many entries a key has, for indexes that are `counted`.
 * `collection_changes.id` is the BSON of `{ id }`.
 */
const tables = `
ALTER TABLE documents ADD COLUMN fields BLOB;
ALTER TABLE collections ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE indexes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL REFERENCES collections (id),
  name TEXT NOT NULL,
  key BLOB NOT NULL,
  is_unique INTEGER NOT NULL,
  multikey TEXT NOT NULL,
  counted INTEGER NOT NULL,
  UNIQUE (collection, name)
) STRICT;
CREATE TABLE index_entries (
  index_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  document INTEGER NOT NULL,
  PRIMARY KEY (index_id, key, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE index_counts (
  index_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (index_id, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE collection_changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL,
  id BLOB NOT NULL,
  removed INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_changes_by_collection ON collection_changes (collection, sequence);
`;

/**
 * Format 2: indexes, what pushed-down queries read, and what has changed in collections that are followed.
 * @param fieldsOf makes the projection of a document's BSON. It is derived data: whoever changes its rules
 * makes all projections anew in a later format, so the rules of today are as good here as those of then.
 */
export function addDocumentIndexes(db: DatabaseSync, fieldsOf: (bson: Uint8Array) => Uint8Array): void {
  db.exec(tables);
  db.function('fields_of', { deterministic: true }, (bson) => fieldsOf(bson as Uint8Array));
  db.exec('UPDATE documents SET fields = fields_of(bson)');
}
