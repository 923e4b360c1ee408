import { type BigIntStats, lstatSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { HydrogenError } from '../../../errors.ts';

/** Identifies the file at a path. Its inode number is unique while it is open somewhere. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  /** When the file was created, if the file system records it; otherwise undefined. Inode numbers are reused. */
  readonly born: bigint | undefined;
  readonly bytes: bigint;
  /** When its content was last written, and when anything about it last changed (including its name), in ns. */
  readonly written: bigint;
  readonly changed: bigint;
}

/** File systems without a creation time report 0, or the time of the last change. */
function birthOf({ birthtimeNs, ctimeNs }: BigIntStats): bigint | undefined {
  return birthtimeNs === 0n || birthtimeNs === ctimeNs ? undefined : birthtimeNs;
}

/**
 * The file at a path (a link counts as itself); undefined when it or its folder does not exist. Takes some
 * microseconds.
 */
export function identityOf(path: string): FileIdentity | undefined {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const { dev: device, ino: inode, size: bytes, mtimeNs: written, ctimeNs: changed } = found;
    return { device, inode, born: birthOf(found), bytes, written, changed };
  } catch {
    // Part of the path is not accessible or is a loop of links: for this process, there is no file.
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
    // SQLite gives a better reason why it cannot be opened.
  }
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return 'a link';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return found.isBlockDevice() || found.isCharacterDevice() ? 'a device' : undefined;
}

/**
 * Opening a pipe or a device may block forever, and through a link SQLite puts its log elsewhere.
 * @throws HydrogenError `unavailable` when one of them is at the path
 */
export function assertPlain(path: string): void {
  const what = unfit(path);
  if (what === undefined) return;
  throw new HydrogenError(
    'unavailable',
    `In the data directory, ${basename(path)} is ${what}, not a file, so the store is not opened. Put the file itself there, or set HYDROGEN_DATA_DIR to the directory it is in.`,
  );
}
