import { linkSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { removeFileNow, renameFileNow } from '../../../busy-files.ts';
import { type FileIdentity, identityOf, isSameFile } from './identity.ts';
import { filesAt, logOf, type OpenFiles, sharedOf } from './open-files.ts';

/** Number of attempts, and the pause between them in ms: other connections are emptying it too, and then close. */
const attempts = 20;
const pauseMs = 50;
const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** Moves the content of the log into the store file. @returns whether all of it is there now */
export function emptyLog(db: DatabaseSync): boolean {
  try {
    return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  } catch {
    return false;
  }
}

function emptyLogWithRetries(db: DatabaseSync): boolean {
  for (let attempt = 1; !emptyLog(db); attempt++) {
    if (attempt === attempts) return false;
    Atomics.wait(sleeping, 0, 0, pauseMs);
  }
  return true;
}

/**
 * Closes a connection whose files are no longer at their paths.
 * @param lastWrite when this connection wrote to the log, by the file system's clock
 */
export function releaseFiles(
  db: DatabaseSync,
  opened: OpenFiles,
  file: string,
  lastWrite: bigint | undefined,
): void {
  if (isSameFile(opened.main, filesAt(file).main)) releaseLog(db, opened, file);
  else releaseMain(db, opened, file, lastWrite);
}

/**
 * The log's content goes into its own store file, so that a file that was moved away is complete; the log is then
 * removed, since SQLite would apply it to the store file that is now at the path.
 */
function releaseMain(db: DatabaseSync, opened: OpenFiles, file: string, lastWrite: bigint | undefined): void {
  const { main, log, shared } = filesAt(file);
  const isOwn = (ours: FileIdentity | undefined, current: FileIdentity | undefined): boolean =>
    ours !== undefined && isSameFile(ours, current);
  const ownLog = isOwn(opened.log, log);
  // Written after the replacement, and not by us: a process that started since then uses it for the new store file.
  const taken = ownLog && main && log && log.written > main.changed && log.written !== lastWrite;
  const emptied = !taken && emptyLogWithRetries(db);
  db.close();
  if (taken) return;
  if (ownLog && emptied) removeFileNow(logOf(file));
  else if (ownLog) renameFileNow(logOf(file), `${logOf(file)}.${Date.now()}.old`);
  if (isOwn(opened.shared, shared)) removeFileNow(sharedOf(file));
}

/** Keeps a file under another name, too; only under that one where the file system has no links. */
function keep(path: string, preserved: string): boolean {
  try {
    linkSync(path, preserved);
    return true;
  } catch {
    try {
      renameFileNow(path, preserved);
    } catch {
      // Removed already.
    }
    return false;
  }
}

/**
 * The store file is at its path, but its log is not. Nobody else has the log: SQLite moves it into the file on closing.
 * A process that started with its own log has a newer state: nothing may be written over it, and SQLite, which removes
 * logs by name, must not remove that one.
 */
function releaseLog(db: DatabaseSync, opened: OpenFiles, file: string): void {
  const { log, shared } = filesAt(file);
  const isFree = (ours: FileIdentity | undefined, current: FileIdentity | undefined): boolean =>
    current === undefined || isSameFile(ours, current);
  if (isFree(opened.log, log) && isFree(opened.shared, shared)) {
    emptyLogWithRetries(db);
    db.close();
    return;
  }
  const preserved = `${logOf(file)}.${process.pid}.${Date.now()}.tmp`;
  const isLink = keep(logOf(file), preserved);
  db.close();
  if (identityOf(preserved) === undefined) return;
  if (identityOf(logOf(file)) === undefined) renameFileNow(preserved, logOf(file));
  else if (isLink) removeFileNow(preserved);
}
