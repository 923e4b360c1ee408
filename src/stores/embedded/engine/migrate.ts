import type { DatabaseSync } from 'node:sqlite';
import { HydrogenError } from '../../../errors.ts';

/** Migrates a file from one format to the next, within a transaction. */
export type Migration = (db: DatabaseSync) => void;

/** The format of a file; 0 for an empty one. */
export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/**
 * Whether the file has this program's format. Takes no lock.
 * @throws HydrogenError `unavailable` when the file was written by a newer program.
 */
function isCurrent(db: DatabaseSync, version: number): boolean {
  const found = versionOf(db);
  if (found <= version) return found === version;
  throw new HydrogenError(
    'unavailable',
    `The data directory was written by a newer version (format ${found}, this program knows ${version}). Upgrade hydrogen-mcp or choose another data directory.`,
  );
}

/**
 * Migrates the file to this program's format, in one transaction. A current file is not written to, so another process
 * may hold the write lock in the meantime.
 * @param migrations entry n migrates a file from format n to n + 1
 * @throws HydrogenError `unavailable` when the file was written by a newer program.
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[]): void {
  const version = migrations.length;
  if (isCurrent(db, version)) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated the file while this one waited for the lock.
    for (const step of migrations.slice(versionOf(db))) step(db);
    db.exec(`PRAGMA user_version = ${version}`);
    db.exec('COMMIT');
  } catch (error) {
    // A full disk has already ended it.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
