import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeFile } from '../busy-files.ts';
import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { AuditAnchor, AuditEntry, AuditPlace } from '../stores/audit/audit-log.ts';
import type { Audit } from './audit.ts';
import { anchorAt, codingKey } from './chain.ts';
import { entriesFrom, entryLine, headerLine, timeOf } from './file.ts';
import { verifyChain } from './verify.ts';

/** Records stay at least so long, ms: a node remembers for a moment where the chain ends. */
export const minKeepMs = 60 * 60 * 1_000;

export interface Rotated {
  /** Records that were taken out; 0 where none are so old. */
  readonly records: number;
  /** The last of them, behind which the chain begins now. */
  readonly through?: AuditPlace;
  /** SHA-256 of the file, hex. */
  readonly sha256?: string;
}

type Log = Pick<Audit, 'log' | 'keys'>;

/** The records older than a moment: up to the first one that is not. */
async function* olderThan(
  before: number,
  pages: AsyncIterable<readonly AuditEntry[]>,
): AsyncGenerator<readonly AuditEntry[]> {
  for await (const page of pages) {
    const end = page.findIndex((entry) => timeOf(entry) >= before);
    const old = end < 0 ? page : page.slice(0, end);
    if (old.length > 0) yield old;
    if (end >= 0) return;
  }
}

/** What is there is left alone. */
async function createFile(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isThere) throw error;
    throw new HydrogenError('conflict', 'There is a file of that name already: give another one.');
  }
}

/** Has the name of a new file survive a power failure, where a folder can be opened for that (Windows keeps names itself). */
async function keepName(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Writes records to a new file. @returns the last of them, and the digest of the file */
async function writeFile(
  path: string,
  anchor: AuditAnchor | undefined,
  pages: AsyncIterable<readonly AuditEntry[]>,
): Promise<{ last?: AuditPlace; sha256: string }> {
  const digest = createHash('sha256');
  const file = await createFile(path);
  let last: AuditPlace | undefined;
  try {
    const write = async (text: string): Promise<void> => {
      digest.update(text);
      // All of it: a single write may end early.
      await file.appendFile(text);
    };
    await write(headerLine(anchor));
    for await (const page of pages) {
      await write(page.map(entryLine).join(''));
      const { seq, code } = page.at(-1) ?? last ?? { seq: 0, code: '' };
      last = { seq, code };
    }
    await file.sync();
  } catch (error) {
    // A part of the records would pass for all of them, and stand in the way of the next attempt.
    await file.close();
    await removeFile(path);
    throw error;
  }
  await file.close();
  await keepName(dirname(path));
  return { ...(last && { last }), sha256: digest.digest('hex') };
}

/**
 * Moves records to a file: it is whole and on the disk before they are taken out of the chain, which then begins behind
 * the last of them.
 * @param path of the file; there must be none yet
 * @throws HydrogenError `conflict` where the records are not as they were made: nothing is moved then
 */
export async function rotate({ log, keys }: Log, before: number, path: string, call: Call): Promise<Rotated> {
  const { anchor } = await log.end(call);
  const old = (): AsyncGenerator<readonly AuditEntry[]> =>
    olderThan(before, entriesFrom(log, (anchor?.seq ?? 0) + 1, call));
  const { records, faults } = await verifyChain(old(), { keys, ...(anchor && { anchor }) });
  if (faults[0]) {
    throw new HydrogenError(
      'conflict',
      `Nothing was moved: ${faults[0].text}. \`hydrogen audit verify\` says all that is wrong.`,
    );
  }
  if (records === 0) return { records };
  const { last, sha256 } = await writeFile(path, anchor, old());
  if (!last) return { records: 0 };
  await log.removeThrough(anchorAt(last, codingKey(keys), 'anchor'), call);
  return { records, through: last, sha256 };
}
