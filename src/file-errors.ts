import { type BigIntStats, closeSync, openSync, type Stats } from 'node:fs';
import { devNull } from 'node:os';
import { type ErrorCode, HydrogenError } from './errors.ts';

/** What an error of the file system means, in words for whoever can do something about it. */
export interface FileTrouble {
  /** Follows "cannot be written:" or "cannot be read:". */
  readonly reason: string;
  /** A sentence; absent where another place is the only help, which is known to who asks. */
  readonly advice?: string;
  /** `bad_input` where another name or place would do, `unavailable` where the machine is in trouble. */
  readonly code: Extract<ErrorCode, 'bad_input' | 'unavailable'>;
}

const place = (reason: string): FileTrouble => ({ reason, code: 'bad_input' });
const machine = (reason: string, advice: string): FileTrouble => ({ reason, advice, code: 'unavailable' });

const raiseLimit = 'Raise the limit (ulimit -n) to 1,024 or more, or do less at a time, and try again.';

/** Sources: https://man7.org/linux/man-pages/man3/errno.3.html, https://nodejs.org/api/errors.html */
const troubles: Readonly<Record<string, FileTrouble>> = {
  ENOENT: place('it or its folder does not exist'),
  ENOTDIR: place('a part of its path is a file'),
  EISDIR: place('it is a folder'),
  EACCES: place('this user may not do that there (permissions)'),
  EPERM: place('this user may not do that there (permissions)'),
  EROFS: place('its file system is read-only'),
  ENAMETOOLONG: place('its name is too long (most file systems take 255 bytes)'),
  EINVAL: place('its file system does not take such a name'),
  EILSEQ: place('its file system does not take such a name'),
  ELOOP: place('its symbolic links form a loop'),
  EXDEV: place('it lies on another file system'),
  EFBIG: place('its file system takes no file of that size'),
  ETXTBSY: place('it is a program that is running'),
  EBUSY: machine('another program uses it', 'Close that, and try again.'),
  ENOSPC: machine('the disk is full', 'Free some space, and try again.'),
  EDQUOT: machine("this user's share of the disk is used up", 'Free some space, and try again.'),
  EIO: machine('the disk could not be read or written', 'Check the disk.'),
  ESTALE: machine('its network folder was lost', 'Mount it again, and try again.'),
  ETIMEDOUT: machine('its network folder does not answer', 'Check the connection, and try again.'),
  EMFILE: machine('this process has too many files open', raiseLimit),
  ENFILE: machine('the system has too many files open', 'Close some programs, and try again.'),
  ENOMEM: machine('the system is out of memory', 'Close some programs, and try again.'),
};

/** The system's name of an error, such as `EAGAIN`; empty where it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Codes that mean the same whatever was being done. */
const ofMachine: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** Whether an error of unknown origin comes from a file: sockets fail with the same codes, but have no path. */
export function isOfFile(error: unknown): boolean {
  return (
    ofMachine.has(codeOf(error)) || (error instanceof Error && 'path' in error && error.path !== undefined)
  );
}

/** What a file-system error means; undefined for another error. */
export function fileTrouble(error: unknown): FileTrouble | undefined {
  const code = codeOf(error);
  return Object.hasOwn(troubles, code) ? troubles[code] : undefined;
}

/**
 * A file-system error in words.
 * @param what names the file and what failed: `"a.csv" cannot be written`
 * @param elsewhere a sentence that says how to choose another place
 * @returns the error itself where it is not one of the file system
 */
export function inWords(error: unknown, what: string, elsewhere: string): unknown {
  const trouble = error instanceof HydrogenError ? undefined : fileTrouble(error);
  if (trouble === undefined) return error;
  const { reason, advice = elsewhere, code } = trouble;
  return new HydrogenError(code, `${what}: ${reason}. ${advice}`, { cause: error });
}

/**
 * What is wrong with the machine, where an error of any kind comes from that: a full disk, too many open files. No
 * path is named. Undefined where nothing is known to be.
 */
export function machineTrouble(error: unknown): string | undefined {
  const cause = error instanceof HydrogenError ? error.cause : error;
  const full = tooManyOpenFiles(cause);
  if (full !== undefined) return full;
  const trouble = fileTrouble(cause);
  if (trouble?.advice === undefined || !isOfFile(cause)) return undefined;
  return `The server could not use a file: ${trouble.reason}. ${trouble.advice}`;
}

/** What is at a path that is no file; undefined for a file. */
export function otherKind(found: Stats | BigIntStats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return found.isSymbolicLink() ? 'a link' : 'a device';
}

/** A thread or process opens so many files when it starts. */
const neededFiles = 12;

/**
 * Says so where this process is at its limit of open files; undefined where it is not. What fails for it often does
 * not tell: a thread that does not start, SQLite, a library.
 */
export function tooManyOpenFiles(cause?: unknown): string | undefined {
  const opened: number[] = [];
  // Who wraps the system's error keeps its code in the text at most.
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
