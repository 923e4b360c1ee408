import type { DatabaseSync } from 'node:sqlite';

/**
 * One row a document: its BSON is the truth, its key the order-preserving encoding of `_id`, so that
 * equal numbers of different types are one key.
 */
const documents = `
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

/**
 * Documents with their text, chunks, postings and vectors. A chunk's number (`chunk`) is never reused, so
 * a cache beside the file only has to look for higher numbers, removals and vectors since its sequence.
 * Postings lie in segments, one for each write and merged in time; the blob of a term holds the varints
 * (difference of chunk number, occurrences). `index_state` has one row:
 * - sequence: grows with every write; `forgotten`: removals up to it are no longer listed
 * - generation: grows when all vectors must be read again (another model, another mean)
 */
const index = `
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

/** `output`, `context`, `input`, `definition`, `error` and `scopes` are JSON; times are ms since the epoch. */
const journal = `
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  caller TEXT NOT NULL,
  scopes TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version TEXT NOT NULL,
  definition TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  idempotency_key TEXT,
  state TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  fence INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  input TEXT NOT NULL,
  output TEXT,
  error TEXT,
  step_bytes INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER
) STRICT;
CREATE UNIQUE INDEX runs_by_key ON runs (caller, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_unfinished ON runs (created_at) WHERE state IN ('pending', 'running');
CREATE INDEX runs_by_caller ON runs (caller, created_at);
CREATE INDEX runs_by_time ON runs (created_at);
CREATE TABLE steps (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id),
  reference TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  state TEXT NOT NULL,
  output TEXT,
  context TEXT,
  next TEXT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  UNIQUE (run, reference)
) STRICT;
CREATE TABLE verdicts (
  sha256 TEXT PRIMARY KEY,
  verdict TEXT NOT NULL,
  kept_at INTEGER NOT NULL
) STRICT;
`;

/** Format 1: documents in collections, the search index, the journal of runs. */
export function createTables(db: DatabaseSync): void {
  db.exec(documents);
  db.exec(index);
  db.exec(journal);
}
