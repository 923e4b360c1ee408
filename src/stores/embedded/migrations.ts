import type { DatabaseSync } from 'node:sqlite';
import { HydrogenError } from '../../errors.ts';
import { usedConfirmationsTable } from './confirmations/used-confirmations.ts';
import { addIndexTables } from './documents/indexes/migration.ts';
import { documentSchema } from './documents/schema.ts';
import { schemaVersion } from './format.ts';
import { addPlaces } from './index/kept-places.ts';
import { migrateIndex } from './index/migrate-index.ts';
import { positionsTable } from './index/positions.ts';
import { indexSchema } from './index/schema.ts';
import { journalSchema } from './journal/schema.ts';

type Migration = (db: DatabaseSync) => void;

/**
 * Forward migrations: entry n brings a file from `user_version` n to n + 1. An entry that has been
 * released is never edited; a change of format is a new entry.
 */
const migrations: readonly Migration[] & { readonly length: typeof schemaVersion } = [
  (db) => db.exec([documentSchema, indexSchema, journalSchema].join('\n')),
  addIndexTables,
  (db) => db.exec(usedConfirmationsTable),
  migrateIndex,
  (db) => db.exec(positionsTable),
  addPlaces,
];

/** The format of a file; 0 for an empty one. */
export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/**
 * Whether the file has this program's format. Takes no lock.
 * @throws HydrogenError `unavailable` when the file was made by a newer program.
 */
function isCurrent(db: DatabaseSync): boolean {
  const found = versionOf(db);
  if (found <= schemaVersion) return found === schemaVersion;
  throw new HydrogenError(
    'unavailable',
    `The data directory was written by a newer version (format ${found}, this program knows ${schemaVersion}). Upgrade hydrogen-mcp or choose another data directory.`,
  );
}

/**
 * Brings the file to this program's format, in one transaction. A current file is not written to, so
 * that another process may hold the write lock meanwhile.
 * @throws HydrogenError `unavailable` when the file was made by a newer program.
 */
export function migrate(db: DatabaseSync): void {
  if (isCurrent(db)) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated while this one waited for the lock.
    for (const step of migrations.slice(versionOf(db))) step(db);
    db.exec(`PRAGMA user_version = ${schemaVersion}`);
    db.exec('COMMIT');
  } catch (error) {
    // A full disk has ended it already.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
