import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile, renameFile } from '../busy-files.ts';
import type { Call } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { codeOf } from '../file-errors.ts';
import { isRunning } from '../process-identity.ts';
import type { FileSnapshot } from '../stores/store-status.ts';
import { type BackupManifest, digestOf, manifestIn, readManifest, storeIn } from './manifest.ts';

// A backup is a folder: the store as it was at one moment, and what it says of itself.

/** What is backed up: an embedded store, which others may use meanwhile. */
export interface Snapshots {
  snapshot(file: string, call: Call): Promise<FileSnapshot>;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function synced(path: string): Promise<number> {
  const file = await open(path, constants.O_RDONLY);
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Copies a store that may be in use into a new folder, which only its owner can read, and checks the copy. What is
 * interrupted leaves a folder that `restore` refuses.
 * @param program the version of this program
 * @throws HydrogenError `bad_input` for a folder with something in it
 */
export async function backUp(
  store: Snapshots,
  folder: string,
  program: string,
  call: Call,
): Promise<BackupManifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) {
    throw badInput(`The folder ${folder} is not empty: name a new one.`);
  }
  const madeAt = new Date().toISOString();
  const file = storeIn(folder);
  // There first, and empty: a folder that was there may let others in, who could read what is written, or lead it astray.
  await writeSynced(file, '');
  const { format, rows } = await store.snapshot(file, call);
  const bytes = await synced(file);
  const sha256 = await digestOf(file, call.signal);
  const made: BackupManifest = { version: 1, program, madeAt, format, bytes, sha256, rows };
  await writeSynced(manifestIn(folder), `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/** Removes what restores have left that were killed. */
async function removeInterrupted(dataDirectory: string): Promise<void> {
  for (const name of await readdir(dataDirectory)) {
    const [, pid] = /^restoring\.(\d+)\.tmp$/.exec(name) ?? [];
    if (pid === undefined) continue;
    const isOwn = Number(pid) === process.pid;
    if (isOwn || !isRunning(Number(pid))) await removeFile(join(dataDirectory, name));
  }
}

/** Where a backup is restored to, and what can be read there. */
export interface RestoreTarget {
  readonly dataDirectory: string;
  /** The newest format that this program reads. */
  readonly format: number;
}

/**
 * Puts the store of a backup into a data directory that has none. It is copied under another name and checked first, so
 * that there is the whole store or none.
 * @throws HydrogenError `bad_input` for what is no whole backup, or of a newer program; `conflict` where there is a store
 */
export async function restore(
  folder: string,
  { dataDirectory, format }: RestoreTarget,
  call: Call,
): Promise<BackupManifest> {
  const described = await readManifest(folder);
  if (described.format > format) {
    throw badInput(
      `This backup has format ${described.format}, made by version ${described.program}; this program reads formats up to ${format}. Restore it with that version or a newer one.`,
    );
  }
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const file = storeIn(dataDirectory);
  const taken = async (): Promise<HydrogenError | undefined> => {
    const names = [file, `${file}-wal`, `${file}-shm`];
    const found = await Promise.all(names.map(isThere));
    if (!found.includes(true)) return undefined;
    return new HydrogenError(
      'conflict',
      `There is a store in ${dataDirectory} already: move it away first, or name another place with --data-dir.`,
    );
  };
  const conflict = await taken();
  if (conflict) throw conflict;
  await removeInterrupted(dataDirectory);
  const temporary = join(dataDirectory, `restoring.${process.pid}.tmp`);
  try {
    await copyFile(storeIn(folder), temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // A file system without modes refuses; it is as open as its mount says.
    await chmod(temporary, 0o600).catch((error: unknown) => {
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error))) throw error;
    });
    await synced(temporary);
    if ((await digestOf(temporary, call.signal)) !== described.sha256) {
      throw badInput(
        `The store in ${folder} is not what its backup.json describes: it is damaged or was changed. Use another backup.`,
      );
    }
    throwIfCallEnded(call);
    const late = await taken();
    if (late) throw late;
    await renameFile(temporary, file);
    await synced(dataDirectory).catch(() => {});
  } finally {
    await removeFile(temporary);
  }
  return described;
}
