import type { DatabaseSync } from 'node:sqlite';

/**
 * Format 9: what can be erased. The text of arguments lies beside its audit record, with the time of the record (ms since
 * the epoch), since the chain keeps a digest of it only; earlier records keep theirs inside. Runs that have ended are found
 * by when they did.
 */
export function addAuditTexts(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE audit_texts (
      seq INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_texts_by_time ON audit_texts (at);
    CREATE INDEX runs_by_end ON runs (coalesce(finished_at, created_at))
      WHERE state NOT IN ('pending', 'running');
  `);
}
