import { open, stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { versionOf } from './engine/migrate.ts';

/** Where SQLite keeps `user_version` in the header: https://www.sqlite.org/fileformat2.html#the_database_header. */
const versionAt = 60;
const headerBytes = 100;

/**
 * The format of a store file that may be in use, without opening it as a store would: nothing is written, made or migrated.
 * @returns undefined where there is no store, or an empty one
 */
export async function formatOf(file: string): Promise<number | undefined> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size < headerBytes) return undefined;
  const log = await stat(`${file}-wal`).catch(() => ({ size: 0 }));
  if (log.size > 0) {
    // The newest header may be in the log, which only SQLite can read; its files are there already.
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return versionOf(db);
    } finally {
      db.close();
    }
  }
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    return buffer.readUInt32BE(versionAt);
  } finally {
    await handle.close();
  }
}
