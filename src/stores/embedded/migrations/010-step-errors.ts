import type { DatabaseSync } from 'node:sqlite';

/** Format 10: why a step faulted, as JSON, so that a run that has caught its error resumes as it was. */
export function addStepErrors(db: DatabaseSync): void {
  db.exec('ALTER TABLE steps ADD COLUMN error TEXT');
}
