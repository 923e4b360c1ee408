-- The store file in format 10, as its migrations make it.
-- Compared, and written, by test/stores/embedded/migrations.test.ts.

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  entry TEXT NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  record TEXT NOT NULL,
  code BLOB NOT NULL
) STRICT;
CREATE TABLE audit_state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
CREATE TABLE audit_texts (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX audit_texts_by_time ON audit_texts (at);
CREATE TABLE collection_changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL,
  id BLOB NOT NULL,
  removed INTEGER NOT NULL
) STRICT;
CREATE INDEX collection_changes_by_collection ON collection_changes (collection, sequence);
CREATE TABLE collections (
  id INTEGER PRIMARY KEY,
  database TEXT NOT NULL,
  name TEXT NOT NULL,
  documents INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  followed INTEGER NOT NULL DEFAULT 0,
  UNIQUE (database, name)
) STRICT;
CREATE TABLE documents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL REFERENCES collections (id),
  key BLOB NOT NULL,
  bson BLOB NOT NULL,
  fields BLOB
) STRICT;
CREATE UNIQUE INDEX documents_by_key ON documents (collection, key);
CREATE INDEX documents_by_order ON documents (collection, id);
CREATE TABLE index_bits (
  page INTEGER PRIMARY KEY AUTOINCREMENT,
  space INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  count INTEGER NOT NULL,
  chunks BLOB NOT NULL,
  bits BLOB NOT NULL
) STRICT;
CREATE INDEX index_bits_by_space ON index_bits (space, page, sequence, count);
CREATE TABLE index_chunks (
  chunk INTEGER PRIMARY KEY AUTOINCREMENT,
  document INTEGER NOT NULL REFERENCES index_documents (document) ON DELETE CASCADE,
  id TEXT NOT NULL,
  heading TEXT NOT NULL,
  first_line INTEGER NOT NULL,
  last_line INTEGER NOT NULL,
  text TEXT NOT NULL,
  length INTEGER NOT NULL,
  embedded INTEGER NOT NULL DEFAULT 0,
  place TEXT,
  content BLOB
) STRICT;
CREATE INDEX index_chunks_by_content ON index_chunks (content);
CREATE INDEX index_chunks_by_document ON index_chunks (document);
CREATE INDEX index_chunks_lengths ON index_chunks (chunk, length, document);
CREATE INDEX index_chunks_pending ON index_chunks (id) WHERE embedded = 0;
CREATE TABLE index_counts (
  index_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (index_id, key)
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
  size INTEGER NOT NULL,
  sequence INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX index_documents_by_format ON index_documents (format);
CREATE INDEX index_documents_by_sequence ON index_documents (sequence);
CREATE INDEX index_documents_by_source ON index_documents (source) WHERE source IS NOT NULL;
CREATE TABLE index_entries (
  index_id INTEGER NOT NULL,
  key BLOB NOT NULL,
  document INTEGER NOT NULL,
  PRIMARY KEY (index_id, key, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE index_places (
  path TEXT PRIMARY KEY,
  place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE index_positions (
  source TEXT PRIMARY KEY,
  position TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE index_postings (
  segment INTEGER NOT NULL,
  term TEXT NOT NULL,
  postings BLOB NOT NULL,
  PRIMARY KEY (segment, term)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE index_sources (
  name TEXT PRIMARY KEY,
  root TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE TABLE index_spaces (
  space INTEGER PRIMARY KEY AUTOINCREMENT,
  fingerprint TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  state TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  mean BLOB,
  mean_of INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX index_spaces_by_state ON index_spaces (state) WHERE state IN ('serving', 'building');
CREATE TABLE index_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL,
  forgotten INTEGER NOT NULL,
  lease_owner TEXT,
  lease_pid INTEGER,
  lease_host TEXT,
  lease_until INTEGER NOT NULL
) STRICT;
CREATE TABLE index_texts (
  document INTEGER PRIMARY KEY REFERENCES index_documents (document) ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;
CREATE TABLE index_vectors (
  key INTEGER PRIMARY KEY,
  vector BLOB NOT NULL
) STRICT;
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
  finished_at INTEGER,
  caller_facts TEXT
) STRICT;
CREATE INDEX runs_by_caller ON runs (caller, created_at);
CREATE INDEX runs_by_end ON runs (coalesce(finished_at, created_at)) WHERE state NOT IN ('pending', 'running');
CREATE UNIQUE INDEX runs_by_key ON runs (caller, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_by_time ON runs (created_at);
CREATE INDEX runs_unfinished ON runs (created_at) WHERE state IN ('pending', 'running');
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
  note TEXT,
  error TEXT,
  UNIQUE (run, reference)
) STRICT;
CREATE TABLE used_confirmations (
  nonce TEXT PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_confirmations_by_expiry ON used_confirmations (expires);
CREATE TABLE verdicts (
  sha256 TEXT PRIMARY KEY,
  verdict TEXT NOT NULL,
  kept_at INTEGER NOT NULL
) STRICT;
