import { type BigIntStats, closeSync, openSync, type Stats } from 'node:fs';
import { devNull } from 'node:os';
import { type ErrorCode, HydrogenError } from './errors.ts';

/** What a file-system error means, in words for whoever can do something about it. */
export interface FileTrouble {
  /** Follows "cannot be written:" or "cannot be read:". */
  readonly reason: string;
  /** A sentence; absent if the only remedy is another place, which the calling code words itself. */
  readonly advice?: string;
  /** `bad_input` if another name or place would work, `unavailable` if the machine has a problem. */
  readonly code: Extract<ErrorCode, 'bad_input' | 'unavailable'>;
}

const place = (reason: string): FileTrouble => ({ reason, code: 'bad_input' });
const machine = (reason: string, advice: string): FileTrouble => ({ reason, advice, code: 'unavailable' });

const raiseLimit = 'Raise the limit (ulimit -n) to 1,024 or more, or do less at a time, and try again.';

/** Sources: https://man7.org/linux/man-pages/man3/errno.3.html, https://nodejs.org/api/errors.html */
const troubles: Readonly<Record<string, FileTrouble>> = {
  ENOENT: place('it or its folder does not exist'),
  ENOTDIR: place('part of its path is a file'),
  EISDIR: place('it is a folder'),
  EACCES: place('this user lacks permission for that'),
  EPERM: place('this user lacks permission for that'),
  EROFS: place('its file system is read-only'),
  ENAMETOOLONG: place('its name is too long (most file systems take 255 bytes)'),
  EINVAL: place('its file system does not allow that name'),
  EILSEQ: place('its file system does not allow that name'),
  ELOOP: place('its symbolic links form a loop'),
  ENOTSUP: place('its file system cannot do that'),
  EOPNOTSUPP: place('its file system cannot do that'),
  EXDEV: place('it is on another file system'),
  EFBIG: place('it is too large for its file system'),
  ETXTBSY: place('it is a running program'),
  EBUSY: machine('it is in use', 'Close what uses it, and try again.'),
  ENOSPC: machine('the disk is full', 'Free some space, and try again.'),
  EDQUOT: machine("this user's share of the disk is used up", 'Free some space, and try again.'),
  EIO: machine('the disk could not be read or written', 'Check the disk.'),
  ESTALE: machine('its network folder was lost', 'Mount it again, and try again.'),
  ETIMEDOUT: machine('its network folder does not answer', 'Check the connection, and try again.'),
  EMFILE: machine('this process has too many files open', raiseLimit),
  ENFILE: machine('the system has too many files open', 'Close some programs, and try again.'),
  ENOMEM: machine('the system is out of memory', 'Close some programs, and try again.'),
};

/** The system's error code, such as `EAGAIN`; empty if there is none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Codes that concern the whole machine, whatever was being done. */
const machineCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** Whether an error of unknown origin is about a file: sockets fail with the same codes, but have no path. */
export function isOfFile(error: unknown): boolean {
  return (
    machineCodes.has(codeOf(error)) || (error instanceof Error && 'path' in error && error.path !== undefined)
  );
}

/** Why a file or folder is left out that only macOS keeps from a program; elsewhere EPERM is rare for reading. */
export const notLetIn =
  'not readable: the system does not let this program in (on macOS: System Settings, Privacy & Security, Files and Folders)';

/** What stops a path from being followed on systems where other errors than a missing file are usual. */
const unfollowed: Readonly<Record<string, string>> = {
  EISDIR:
    'Windows gives no real path on that drive, such as a RAM disk or one that another program provides. Put the folder on an ordinary drive, or name it by its network path in the settings.',
  EPERM:
    'the system does not let this program into that folder. On macOS, allow it for the program that starts this server in System Settings, Privacy & Security, Files and Folders (or Full Disk Access).',
  EACCES:
    "the user that this server runs as lacks permission for a folder on the way. Change the folder's permissions.",
  ENOTSUP: 'its file system cannot say where a path leads. Put the folder on another disk.',
  ELOOP: 'its links form a loop. Remove one of them.',
};

/** Causes that are the same under several codes. */
const sameCodes: Readonly<Record<string, string>> = { EOPNOTSUPP: 'ENOTSUP', ENOSYS: 'ENOTSUP' };

/** Why the real path of something cannot be told, and the cure; undefined where it is not there, and for other errors. */
export function realPathTrouble(error: unknown): string | undefined {
  const given = codeOf(error);
  const code = sameCodes[given] ?? given;
  if (Object.hasOwn(unfollowed, code)) return unfollowed[code];
  const trouble = fileTrouble(error);
  return trouble?.advice === undefined ? undefined : `${trouble.reason}. ${trouble.advice}`;
}

/** What a file-system error means; undefined for other errors. */
export function fileTrouble(error: unknown): FileTrouble | undefined {
  const code = codeOf(error);
  return Object.hasOwn(troubles, code) ? troubles[code] : undefined;
}

/**
 * Puts a file-system error into words.
 * @param what names the file and what failed: `"a.csv" cannot be written`
 * @param elsewhere a sentence that says how to choose another place
 * @returns the error itself if it is not a file-system error
 */
export function inWords(error: unknown, what: string, elsewhere: string): unknown {
  const trouble = error instanceof HydrogenError ? undefined : fileTrouble(error);
  if (trouble === undefined) return error;
  const { reason, advice = elsewhere, code } = trouble;
  return new HydrogenError(code, `${what}: ${reason}. ${advice}`, { cause: error });
}

/**
 * What is wrong with the machine if that caused the error: a full disk, too many open files. Names no path. Undefined
 * if no such problem is known.
 */
export function machineTrouble(error: unknown): string | undefined {
  const cause = error instanceof HydrogenError ? error.cause : error;
  const full = tooManyOpenFiles(cause);
  if (full !== undefined) return full;
  const trouble = fileTrouble(cause);
  if (trouble?.advice === undefined || !isOfFile(cause)) return undefined;
  return `The server could not use a file: ${trouble.reason}. ${trouble.advice}`;
}

/** What is at a path instead of a file; undefined for a file. */
export function otherKind(found: Stats | BigIntStats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return found.isSymbolicLink() ? 'a link' : 'a device';
}

/** Files that a thread or process opens when it starts. */
const neededFiles = 12;

/**
 * A message if this process is at its limit of open files, else undefined. What fails because of it often does not say
 * so: a thread that does not start, SQLite, a library.
 */
export function tooManyOpenFiles(cause?: unknown): string | undefined {
  const opened: number[] = [];
  // Code that wraps a system error often keeps its code in the message only.
  let isFull =
    ['EMFILE', 'ENFILE'].includes(codeOf(cause)) ||
    (cause instanceof Error && /\b(EMFILE|ENFILE)\b/.test(cause.message));
  try {
    while (!isFull && opened.length < neededFiles) opened.push(openSync(devNull, 'r'));
  } catch (error) {
    isFull = ['EMFILE', 'ENFILE'].includes(codeOf(error));
  } finally {
    for (const file of opened) closeSync(file);
  }
  return isFull ? `This process has too many files open. ${raiseLimit}` : undefined;
}
