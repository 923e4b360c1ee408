import type { BigIntStats, Dirent } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { folded } from './path-text.ts';
import { isSamePlace } from './same-place.ts';

// Between checking a path and opening it, anyone with write access can replace a file, or a folder on the path, with a
// link. What is opened here is at the path that was checked, with no link along it:
// - Linux: the kernel reports the path of the open descriptor (/proc/self/fd). Names in a folder are reached through
//   the open folder itself.
// - macOS: the kernel follows no link along the path (O_NOFOLLOW_ANY, macOS 11). A folder is checked before and after
//   its names are listed.
// - elsewhere (Windows, Linux without /proc): what was opened is compared with what is at the path afterwards, several
//   times. Swapping folders between all of these checks, in step with them, defeats them.
// Hard links do not count: they cannot be told from ordinary files.

/** Identifies a file or folder, whatever its name. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}

export interface OpenFile {
  readonly handle: FileHandle;
  readonly stat: BigIntStats;
}

/** An open folder: it stays the same one even if its path is replaced. */
export interface OpenFolder extends FileId {
  entries(): Promise<Dirent[]>;
  /** Does not follow links. */
  lstat(name: string): Promise<BigIntStats>;
  /** The path of an entry of this folder. */
  at(name: string): string;
  /** @throws ERR_REPLACED when the folder was replaced, on platforms that do not rule that out */
  confirm(): Promise<void>;
  close(): Promise<void>;
}

/** `O_NOFOLLOW_ANY` of macOS, which Node does not name. */
const noFollowAny = process.platform === 'darwin' ? 0x20000000 : 0;
/** Windows has neither flag. Opening a pipe must not block. */
const cautious = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | noFollowAny;

const descriptor = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`;

function fault(code: 'ERR_REPLACED' | 'ERR_LINK' | 'ERR_NO_FILE' | 'ERR_TOO_LARGE', message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

const stale = (): Error => fault('ERR_REPLACED', 'something else has taken its place');
const linked = (): Error => fault('ERR_LINK', 'a link has taken its place');

export function isSame(a: FileId, b: FileId): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** With folders that are swapped continuously, a single check is fooled in 0.4 % of cases (measured). */
const checks = 3;

/** Whether there is no link along a path, which may have been renamed in case or Unicode form. */
const isReal = async (path: string): Promise<boolean> => isSamePlace(await realpath(path), path);

/** The identity of what is at a real path, with no link along it. */
async function identify(path: string): Promise<FileId> {
  let seen: FileId | undefined;
  for (let n = 0; n < checks; n++) {
    if (!(await isReal(path))) throw stale();
    const found = await lstat(path, { bigint: true });
    if (!(await isReal(path)) || !isSame(found, seen ?? found)) throw stale();
    seen = found;
  }
  if (!seen) throw stale();
  return seen;
}

/** The path that the kernel reports for a descriptor; undefined where it reports none. */
async function kernelPathOf(handle: FileHandle): Promise<string | undefined> {
  return process.platform === 'linux' ? await readlink(descriptor(handle)).catch(() => undefined) : undefined;
}

/** Whether what was to be opened had been replaced. */
export function wasReplaced(error: unknown): boolean {
  return ['ERR_LINK', 'ERR_REPLACED'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Platforms differ in the code: EMLINK is FreeBSD's. */
function isLink(error: unknown): boolean {
  return ['ELOOP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '');
}

async function openExact(path: string, flags: number): Promise<{ handle: FileHandle; isHeld: boolean }> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags | cautious);
  } catch (error) {
    throw isLink(error) ? linked() : error;
  }
  try {
    const kernelPath = await kernelPathOf(handle);
    if (kernelPath !== path && noFollowAny === 0) {
      // Some file systems find a file under a different spelling of its name.
      if (kernelPath !== undefined && folded(kernelPath) !== folded(path)) throw stale();
      if (!isSame(await handle.stat({ bigint: true }), await identify(path))) throw stale();
    }
    return { handle, isHeld: kernelPath !== undefined };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Merely opening a pipe or a device has side effects. */
async function assertRegular(path: string): Promise<void> {
  const seen = await lstat(path);
  if (seen.isSymbolicLink()) throw linked();
  if (!seen.isFile()) throw fault('ERR_NO_FILE', 'not a regular file');
}

/**
 * Opens a regular file for reading; never opens or waits for anything else.
 * @param path absolute and real, as `realpath` returns it
 * @throws ERR_LINK for a link, ERR_REPLACED when there is a link along the path or it is being swapped, ERR_NO_FILE for
 * anything but a regular file, and as `open`
 */
export async function openFile(path: string): Promise<OpenFile> {
  await assertRegular(path);
  const { handle } = await openExact(path, constants.O_RDONLY);
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) throw fault('ERR_NO_FILE', 'not a regular file');
    return { handle, stat };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens a folder, which takes a descriptor until it is closed.
 * @param path absolute and real
 * @throws as `openFile`, ENOTDIR for anything but a folder
 */
export async function openFolder(path: string): Promise<OpenFolder> {
  if (process.platform === 'linux') {
    const { handle, isHeld } = await openExact(path, constants.O_RDONLY | constants.O_DIRECTORY);
    if (isHeld) {
      const { dev, ino } = await handle.stat({ bigint: true });
      const folderPath = descriptor(handle);
      return {
        ...{ dev, ino },
        ...within(folderPath),
        confirm: async () => {},
        close: () => handle.close(),
      };
    }
    await handle.close();
  }
  const { dev, ino } = await identify(path);
  return {
    ...{ dev, ino },
    ...within(path),
    async confirm() {
      if (!isSame(await identify(path), { dev, ino })) throw stale();
    },
    close: async () => {},
  };
}

function within(folder: string): Pick<OpenFolder, 'entries' | 'lstat' | 'at'> {
  const at = (name: string): string => join(folder, name);
  return {
    at,
    entries: () => readdir(folder, { withFileTypes: true }),
    lstat: (name) => lstat(at(name), { bigint: true }),
  };
}

/**
 * The content of an open file, even if it grows meanwhile.
 * @throws ERR_TOO_LARGE beyond `maxBytes`
 */
export async function readAll({ handle, stat }: OpenFile, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): Error => fault('ERR_TOO_LARGE', 'too large');
  if (stat.size > maxBytes) throw tooLarge();
  let bytes = Buffer.allocUnsafe(Number(stat.size) + 1);
  for (let length = 0; ; ) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
    length += bytesRead;
    if (length > maxBytes) throw tooLarge();
    if (bytesRead === 0) return bytes.subarray(0, length);
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, maxBytes + 1));
  }
}

/**
 * The text of a small file, such as settings or ignore rules.
 * @param path absolute and real
 * @throws as `openFile` and `readAll`
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<string> {
  const file = await openFile(path);
  try {
    return (await readAll(file, maxBytes)).toString('utf8');
  } finally {
    await file.handle.close();
  }
}
