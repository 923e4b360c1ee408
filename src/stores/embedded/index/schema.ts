/**
 * Documents with their text, chunks, postings and vectors. A chunk's number (`chunk`) is never reused, so
 * a cache beside the file only has to look for higher numbers, removals and vectors since its sequence.
 * Postings lie in segments, one for each write and merged in time; the blob of a term holds the varints
 * (difference of chunk number, occurrences). `index_state` has one row:
 * - sequence: grows with every write; `forgotten`: removals up to it are no longer listed
 * - generation: grows when all vectors must be read again (another model, another mean)
 */
export const indexSchema = `
CREATE TABLE index_sources (
  name TEXT PRIMARY KEY,
  root TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE index_documents (
  document INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  indexed_at INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  hash TEXT NOT NULL,
  format TEXT NOT NULL,
  source TEXT REFERENCES index_sources (name),
  path TEXT,
  modified REAL NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX index_documents_by_format ON index_documents (format);
CREATE INDEX index_documents_by_source ON index_documents (source) WHERE source IS NOT NULL;

CREATE TABLE index_texts (
  document INTEGER PRIMARY KEY REFERENCES index_documents (document) ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE index_chunks (
  chunk INTEGER PRIMARY KEY AUTOINCREMENT,
  document INTEGER NOT NULL REFERENCES index_documents (document) ON DELETE CASCADE,
  id TEXT NOT NULL,
  heading TEXT NOT NULL,
  first_line INTEGER NOT NULL,
  last_line INTEGER NOT NULL,
  text TEXT NOT NULL,
  length INTEGER NOT NULL,
  embedded INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX index_chunks_lengths ON index_chunks (chunk, length);
CREATE INDEX index_chunks_by_document ON index_chunks (document);
CREATE INDEX index_chunks_pending ON index_chunks (id) WHERE embedded = 0;

CREATE TABLE index_vectors (
  chunk INTEGER PRIMARY KEY REFERENCES index_chunks (chunk) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  vector BLOB NOT NULL
) STRICT;
CREATE INDEX index_vectors_by_sequence ON index_vectors (sequence);

CREATE TABLE index_removals (
  chunk INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT;
CREATE INDEX index_removals_by_sequence ON index_removals (sequence);

CREATE TABLE index_segments (
  segment INTEGER PRIMARY KEY AUTOINCREMENT,
  first_chunk INTEGER NOT NULL,
  last_chunk INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE index_postings (
  segment INTEGER NOT NULL,
  term TEXT NOT NULL,
  postings BLOB NOT NULL,
  PRIMARY KEY (segment, term)
) STRICT, WITHOUT ROWID;

CREATE TABLE index_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL,
  forgotten INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  fingerprint TEXT,
  dimensions INTEGER,
  mean BLOB,
  mean_of INTEGER NOT NULL,
  lease_owner TEXT,
  lease_pid INTEGER,
  lease_host TEXT,
  lease_until INTEGER NOT NULL
) STRICT;
INSERT INTO index_state (one, sequence, forgotten, generation, mean_of, lease_until) VALUES (1, 0, 0, 0, 0, 0);
`;
