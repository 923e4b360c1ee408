import type { DatabaseSync } from 'node:sqlite';

/**
 * Does work in which what is deleted is overwritten with zeros, and so are pages that become free: otherwise their content
 * stays in the file until something else needs the room. All other work overwrites only within pages that it writes anyway
 * (`connection.ts`).
 */
export function overwriting<T>(db: DatabaseSync, work: () => T): T {
  db.exec('PRAGMA secure_delete = ON');
  try {
    return work();
  } finally {
    db.exec('PRAGMA secure_delete = FAST');
  }
}
