/** `output`, `context`, `input`, `definition`, `error` and `scopes` are JSON; times are ms since the epoch. */
export const journalSchema = `
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
