import type { DatabaseSync } from 'node:sqlite';

// How often the store file was written anew (`scrub.ts`), which is the only way in which it becomes smaller: by that its
// processes tell it from a file that another program has put in its place. SQLite keeps a number in the file for the
// programs that use it, copies it with the file, and shows a connection the one of its own state.

export const rewritesOf = (db: DatabaseSync): number =>
  Number(db.prepare('PRAGMA application_id').get()?.['application_id'] ?? 0);

/** Counts one that comes now. */
export function countRewrite(db: DatabaseSync): void {
  db.exec(`PRAGMA application_id = ${rewritesOf(db) + 1}`);
}
