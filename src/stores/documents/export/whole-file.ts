import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { removeFile, renameFile } from '../../../busy-files.ts';
import { HydrogenError } from '../../../errors.ts';
import { codeOf, inWords } from '../../../file-errors.ts';
import { placeNew } from '../../../policy/place-new.ts';
import { openFolder, wasReplaced } from '../../../policy/safe-open.ts';
import type { Sink } from './export.ts';

function unwritable(name: string, error: unknown, elsewhere: string): unknown {
  if (codeOf(error) === 'EEXIST') {
    return new HydrogenError('conflict', `${name} already exists: use another name.`, { cause: error });
  }
  if (wasReplaced(error)) {
    const message = `${name} cannot be written: its folder has been replaced. Try again.`;
    return new HydrogenError('conflict', message, { cause: error });
  }
  return inWords(error, `${name} cannot be written`, elsewhere);
}

/** Reported before the work is done where possible. */
async function assertFree(path: string, replace: boolean): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found?.isDirectory())
    throw Object.assign(new Error('a folder'), { code: replace ? 'EISDIR' : 'EEXIST' });
  if (found && !replace) throw Object.assign(new Error('already exists'), { code: 'EEXIST' });
}

export interface WriteFileOptions {
  /** Whether an existing file is replaced. */
  readonly replace: boolean;
  /** A sentence that says how to choose another location. */
  readonly elsewhere: string;
  /** The path is real and has been checked: a link that has replaced its folder is not followed. */
  readonly isReal?: boolean;
}

/**
 * Writes a file under a temporary name first, so that there is either the whole file or none; compressed when the name
 * ends in `.gz`.
 * @param name of the file, for errors
 * @throws HydrogenError `conflict` for an existing file, `bad_input` for a location that cannot be written,
 * `unavailable` for a full disk and the like
 */
export async function writeWhole<T>(
  path: string,
  name: string,
  options: WriteFileOptions,
  produce: (sink: Sink) => Promise<T>,
): Promise<T> {
  const { replace, elsewhere, isReal = false } = options;
  const opened = async () => {
    await assertFree(path, replace);
    return await openFolder(isReal ? dirname(path) : await realpath(dirname(path)));
  };
  const folder = await opened().catch((error: unknown) => {
    throw unwritable(name, error, elsewhere);
  });
  const target = folder.at(basename(path));
  // Not derived from the file's name: a name of maximum length could not be made longer.
  const temporary = folder.at(`.${process.pid}.${randomBytes(8).toString('hex')}.tmp`);
  const file = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
  const entry = path.toLowerCase().endsWith('.gz') ? createGzip() : file;
  if (entry !== file) entry.pipe(file);
  const done = finished(file);
  // Awaited below, where its failure is thrown.
  done.catch(() => {});
  try {
    await Promise.race([once(file, 'open'), done]);
    await folder.confirm();
    const result = await produce(async (text) => {
      if (!entry.write(text)) await Promise.race([once(entry, 'drain'), done]);
    });
    entry.end();
    await done;
    await folder.confirm();
    if (replace) await renameFile(temporary, target);
    else await placeNew(temporary, target);
    return result;
  } catch (error) {
    throw unwritable(name, error, elsewhere);
  } finally {
    file.destroy();
    // The original failure has already been reported.
    await removeFile(temporary).catch(() => {});
    await folder.close();
  }
}
