import type { DatabaseSync } from 'node:sqlite';

/** Format 7: what the answer of a step's call said of itself, such as why it found nothing. */
export function addStepNotes(db: DatabaseSync): void {
  db.exec('ALTER TABLE steps ADD COLUMN note TEXT');
}
