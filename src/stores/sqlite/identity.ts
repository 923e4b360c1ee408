import { type BigIntStats, statSync } from 'node:fs';

/** Which file it is that lies at a path. Its number is its own as long as it is open somewhere. */
export interface Identity {
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

/** The file at a path, undefined when there is none or its folder is gone. Costs some microseconds. */
export function identityOf(path: string): Identity | undefined {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const { dev: device, ino: inode, size: bytes, mtimeNs: written, ctimeNs: changed } = found;
    return { device, inode, born: birthOf(found), bytes, written, changed };
  } catch {
    // A part of the path may not be entered, or leads to itself: no file is there for this process.
    return undefined;
  }
}

export function isSameFile(a: Identity | undefined, b: Identity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const bornApart = a.born !== undefined && b.born !== undefined && a.born !== b.born;
  return a.device === b.device && a.inode === b.inode && !bornApart;
}
