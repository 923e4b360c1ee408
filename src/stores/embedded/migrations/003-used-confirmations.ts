import type { DatabaseSync } from 'node:sqlite';

/** Format 3: one row a confirmation that was answered; `expires` is ms since the epoch. */
export function addUsedConfirmations(db: DatabaseSync): void {
  db.exec(`
CREATE TABLE used_confirmations (
  nonce TEXT PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_confirmations_by_expiry ON used_confirmations (expires);
`);
}
