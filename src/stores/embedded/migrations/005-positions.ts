import type { DatabaseSync } from 'node:sqlite';

/** Format 5: one row a followed collection: its source's name, and how far its changes have been read. */
export function addPositions(db: DatabaseSync): void {
  db.exec(`
CREATE TABLE index_positions (
  source TEXT PRIMARY KEY,
  position TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`);
}
