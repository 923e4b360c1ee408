import type { DatabaseSync } from 'node:sqlite';

/**
 * How often the store file was written anew (`scrub.ts`), which is the only way in which it becomes smaller: by that its
 * processes tell it from a file that another program has put in its place. SQLite counts the versions of the schema, adds
 * one in the same commit as the new content, and shows a connection the one of its own state; else only migrations do.
 */
export const rewritesOf = (db: DatabaseSync): number =>
  Number(db.prepare('PRAGMA schema_version').get()?.['schema_version'] ?? 0);
