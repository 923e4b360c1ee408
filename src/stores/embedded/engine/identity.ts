import { type BigIntStats, lstatSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { HydrogenError } from '../../../errors.ts';

/** Which file it is that lies at a path. Its number is its own as long as it is open somewhere. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  /** When the file was made, where the file system knows; else undefined. Numbers are given again. */
  readonly born: bigint | undefined;
  readonly bytes: bigint;
  /** The last time that its content was written, and that anything of it changed (its name too), ns. */
  readonly written: bigint;
  readonly changed: bigint;
}

/** File systems without a time of birth tell 0, or the time of the last change. */
function birthOf({ birthtimeNs, ctimeNs }: BigIntStats): bigint | undefined {
  return birthtimeNs === 0n || birthtimeNs === ctimeNs ? undefined : birthtimeNs;
}

/** The file at a path (a link is itself), undefined when there is none or its folder is gone. Costs some microseconds. */
export function identityOf(path: string): FileIdentity | undefined {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const { dev: device, ino: inode, size: bytes, mtimeNs: written, ctimeNs: changed } = found;
    return { device, inode, born: birthOf(found), bytes, written, changed };
  } catch {
    // A part of the path may not be entered, or leads to itself: no file is there for this process.
    return undefined;
  }
}

export function isSameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const bornApart = a.born !== undefined && b.born !== undefined && a.born !== b.born;
  return a.device === b.device && a.inode === b.inode && !bornApart;
}

function unfit(path: string): string | undefined {
  let found: Stats | undefined;
  try {
    found = lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // SQLite says better why it cannot be opened.
  }
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return 'a link';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return found.isBlockDevice() || found.isCharacterDevice() ? 'a device' : undefined;
}

/**
 * Opening a pipe or a device may wait for ever, and through a link SQLite keeps its log elsewhere.
 * @throws HydrogenError `unavailable` when one of them lies at the path
 */
export function assertPlain(path: string): void {
  const what = unfit(path);
  if (what === undefined) return;
  throw new HydrogenError(
    'unavailable',
    `In the data directory, ${basename(path)} is ${what}, not a file, so the store is not opened. Put the file itself there, or set the directory that it is in with HYDROGEN_DATA_DIR.`,
  );
}
