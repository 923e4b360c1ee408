/**
 * Format 2: indexes, what pushed-down queries read, and what has changed in collections that are followed.
 *
 * `documents.fields` is a projection of the BSON for SQL to filter by; the BSON stays the truth.
 * `indexes.multikey` holds one number a field (`definition.ts`). `index_entries.key` is the concatenation of
 * the order-preserving keys of the fields, those of descending ones complemented, so that the order of the
 * bytes is the order of the index. `index_counts` has how many entries a key has, for indexes that are
 * `counted`. `collection_changes.id` is the BSON of `{ id }`.
 */
export const indexTables = `
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
