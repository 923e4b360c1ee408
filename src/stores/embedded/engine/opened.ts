import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { HydrogenError } from '../../../errors.ts';
import { openConnection, withLock } from './connection.ts';
import { assertPlain, identityOf, isSameFile } from './identity.ts';
import { filesMoved } from './messages.ts';
import { type Migration, migrate, versionOf } from './migrate.ts';
import { areInPlace, filesAt, logOf, type OpenFiles, sharedOf } from './open-files.ts';
import type { Lane } from './operations.ts';
import { emptyLog, releaseFiles } from './release-files.ts';
import { rewritesOf } from './rewrites.ts';

/** A connection of a store thread, and whether its files are those at their paths. */
export interface Opened {
  readonly db: DatabaseSync;
  isInPlace(): boolean;
  /** @throws `filesMoved` when they are not: uncommitted changes must be rolled back. */
  assertInPlace(): void;
  /**
   * Records that this connection has written. @throws HydrogenError `unavailable` when the write is not in the file at
   * the path
   */
  committed(): void;
  close(): void;
}

/** Opening is repeated while the file is being replaced; if the inode numbers never agree, they are unreliable. */
const attempts = 5;

/** SQLite gives its log the mode of the store file, regardless of the umask. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    // Another process was first, or SQLite gives a better reason why it cannot be created.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** What a store thread opens. */
export interface Store {
  readonly file: string;
  readonly lane: Lane;
  /** They lead to the format that the file must have. */
  readonly migrations: readonly Migration[];
}

/** Reads once, which opens the log. */
function readOnce(db: DatabaseSync, { lane, migrations }: Store, mayCreate: boolean, tick: () => void): void {
  if (mayCreate) {
    withLock(tick, () => db.exec('PRAGMA journal_mode = WAL'));
    withLock(tick, () => migrate(db, migrations));
  } else if (lane === 'write') {
    // WAL mode is a property of the file, but another program may have changed it.
    withLock(tick, () => db.exec('PRAGMA journal_mode = WAL'));
  }
  const version = withLock(tick, () => versionOf(db));
  if (version !== migrations.length) throw filesMoved;
}

/** What was there when a connection was opened: the number first, since the file may become smaller in between. */
interface Found {
  readonly rewrites: number;
  readonly files: OpenFiles;
}

/** Whether the files are in place, for a connection that notices when the store file is written anew. */
function createPlace(db: DatabaseSync, { files, ...at }: Found, file: string): () => boolean {
  let opened = files;
  let { rewrites } = at;
  /** By this connection's own state of the store, which is that of the file at the path only where it was written anew. */
  function isRewritten(): boolean {
    try {
      const { main } = filesAt(file);
      const now = rewritesOf(db);
      if (main === undefined || now <= rewrites) return false;
      rewrites = now;
      opened = { ...opened, main };
      return true;
    } catch {
      return false;
    }
  }
  return () => {
    const isThere = areInPlace(opened, file);
    return isThere === 'smaller' ? isRewritten() : isThere;
  };
}

function track(db: DatabaseSync, found: Found | undefined, file: string): Opened {
  /** When this connection wrote to the log, by the file system's clock. */
  let lastWrite: bigint | undefined;
  const isInPlace = found === undefined ? () => true : createPlace(db, found, file);
  return {
    db,
    isInPlace,
    assertInPlace() {
      if (!isInPlace()) throw filesMoved;
    },
    committed() {
      lastWrite = identityOf(logOf(file))?.written;
      if (isInPlace()) return;
      throw new HydrogenError(
        'unavailable',
        'The store file was replaced, moved or deleted during this write: it is not known whether the current one contains it. Check before you retry.',
      );
    },
    close() {
      if (found !== undefined && !isInPlace()) {
        releaseFiles(db, found.files, file, lastWrite);
        return;
      }
      // A copy of the store file made while nobody writes is complete.
      if (lastWrite !== undefined) emptyLog(db);
      db.close();
    },
  };
}

/**
 * Opens the store file for its lane. Only with `mayMake` is it created, or migrated to this program's format.
 * @throws `filesMoved` when there is no store file in this program's format; HydrogenError `unavailable` for anything
 * but a file
 */
export function openStore(store: Store, mayCreate: boolean, tick: () => void): Opened {
  const { file, lane } = store;
  for (let attempt = 1; ; attempt++) {
    for (const path of [file, logOf(file), sharedOf(file)]) assertPlain(path);
    if (mayCreate && identityOf(file) === undefined) createFile(file);
    const before = identityOf(file);
    if (before === undefined && !mayCreate) throw filesMoved;
    const db = openConnection(file, lane, tick);
    try {
      readOnce(db, store, mayCreate, tick);
      const rewrites = rewritesOf(db);
      const { main, log, shared } = filesAt(file);
      if (main && isSameFile(before, main))
        return track(db, { rewrites, files: { main, log, shared } }, file);
      if (main && attempt === attempts) return track(db, undefined, file);
      if (attempt === attempts) throw filesMoved;
    } catch (error) {
      db.close();
      throw error;
    }
    db.close();
  }
}
