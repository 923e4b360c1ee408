/**
 * One row a document: its BSON is the truth, its key the order-preserving encoding of `_id`, so that
 * equal numbers of different types are one key.
 */
export const documentSchema = `
CREATE TABLE collections (
  id INTEGER PRIMARY KEY,
  database TEXT NOT NULL,
  name TEXT NOT NULL,
  documents INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (database, name)
) STRICT;
CREATE TABLE documents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL REFERENCES collections (id),
  key BLOB NOT NULL,
  bson BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX documents_by_key ON documents (collection, key);
CREATE INDEX documents_by_order ON documents (collection, id);
`;
