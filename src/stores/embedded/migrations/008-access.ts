import type { DatabaseSync } from 'node:sqlite';

/**
 * Format 8: who calls and what they did. A run keeps what is known of its caller (JSON: name, roles, claims). An API key
 * is JSON with the hash of its secret. An audit record is JSON, chained by its code to the one before; `audit_state` has
 * where the chain begins after older records were taken out.
 */
export function addAccess(db: DatabaseSync): void {
  db.exec(`
    ALTER TABLE runs ADD COLUMN caller_facts TEXT;
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
  `);
}
