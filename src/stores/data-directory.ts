import { randomBytes } from 'node:crypto';
import { constants, existsSync, statSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeFile, renameFile } from '../busy-files.ts';
import { HydrogenError } from '../errors.ts';
import { codeOf, fileTrouble } from '../file-errors.ts';
import type { Logger } from '../observability/log.ts';
import { placeNew } from '../policy/place-new.ts';
import {
  type KeyArchive,
  type KeyRing,
  type Keys,
  newKey,
  overlap,
  type SigningKey,
} from '../policy/signing.ts';
import { keepPrivate } from './keep-private.ts';

const unusable = 'The data directory cannot be used';
const advice = 'Check it, or set another with HYDROGEN_DATA_DIR (hydrogen doctor shows which it is).';
const keyFile = (directory: string): string => join(directory, 'keys.json');

function serialise(keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map(({ id, secret }) => ({ id, secret: secret.toString('base64') })) });
}

function parse(text: string): Keys {
  try {
    const { keys } = JSON.parse(text) as { keys: { id: string; secret: string }[] };
    const [first, ...rest] = keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret, 'base64') }));
    if (first && first.secret.length >= 32) return [first, ...rest];
  } catch {
    // Reported below, as for a file without a usable key.
  }
  throw new HydrogenError(
    'unavailable',
    `${unusable}: its keys.json is damaged (delete it to get a new key: old cursors then expire). ${advice}`,
  );
}

/** Distinguishes one state of a file from another; empty when there is no file. */
function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs}` : '';
}

/** Written in full under a temporary name first: a crash leaves either the old file or the new one. */
async function writeNew(directory: string, text: string): Promise<string> {
  const temporary = join(directory, `keys.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

async function createKeys(directory: string): Promise<void> {
  const temporary = await writeNew(directory, serialise([newKey()]));
  try {
    // It never overwrites: when two processes start together, one wins and both read its keys.
    await placeNew(temporary, keyFile(directory));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await removeFile(temporary);
  }
}

function unusableDirectory(cause: unknown): HydrogenError {
  if (cause instanceof HydrogenError) return cause;
  const { reason, advice: more } = fileTrouble(cause) ?? { reason: 'it cannot be made or read' };
  const isFile = codeOf(cause) === 'EEXIST';
  const message = `${unusable}: ${isFile ? 'a file has that name' : reason}. ${more ? `${more} ` : ''}${advice}`;
  return new HydrogenError('unavailable', message, { cause });
}

/** Not `mkdir` with `recursive`: in a folder where nothing can be created, such as /proc, that never returns. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = dirname(directory);
    if (codeOf(error) !== 'ENOENT' || existsSync(parent)) throw error;
    await makeDirectory(parent);
    await makeDirectory(directory);
  }
}

/** The file system the directory is on; undefined when there is no directory. */
export function deviceOf(directory: string): bigint | undefined {
  return statSync(directory, { bigint: true, throwIfNoEntry: false })?.dev;
}

/** Two keys take 300 bytes. */
const maxKeyBytes = 65_536;
/** How often an empty key file is read again. */
const emptyTries = 5;

/** Does not block on a pipe that has taken the file's place. */
async function readKeyFile(directory: string): Promise<Keys> {
  const readOnce = async (): Promise<string> => {
    const file = await open(keyFile(directory), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat();
      return found.isFile() && found.size <= maxKeyBytes ? await file.readFile('utf8') : '';
    } finally {
      await file.close();
    }
  };
  let text = await readOnce();
  // On a file system without links, another process that starts at the same moment has the name before the content.
  for (let tries = 0; text === '' && tries < emptyTries; tries++) {
    await delay(20);
    text = await readOnce();
  }
  return parse(text);
}

/** The existing keys, newest first; undefined when there are none. */
async function readKeys(directory: string): Promise<Keys | undefined> {
  try {
    return await readKeyFile(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The existing keys, newest first; undefined when there are none. Creates nothing.
 * @throws HydrogenError `unavailable`
 */
export function findKeys(directory: string): Promise<Keys | undefined> {
  return readKeys(directory).catch((cause) => {
    throw unusableDirectory(cause);
  });
}

/**
 * Creates the directory (mode 0700) and its key file (0600) if they are missing, and removes any access that other
 * users have.
 * @returns the keys that sign cursors, newest first
 * @throws HydrogenError `unavailable`; the cause is for the log.
 */
export async function openDataDirectory(directory: string, log?: Logger): Promise<Keys> {
  try {
    await makeDirectory(directory);
    await keepPrivate(directory, log);
    const found = await readKeys(directory);
    if (found) return found;
    await createKeys(directory);
    return await readKeyFile(directory);
  } catch (cause) {
    throw unusableDirectory(cause);
  }
}

async function replaceKeys(directory: string, keys: Keys): Promise<void> {
  try {
    await renameFile(await writeNew(directory, serialise(keys)), keyFile(directory));
  } catch (cause) {
    throw unusableDirectory(cause);
  }
}

/** The keys of a directory, to be taken elsewhere and back. */
export function createKeyFileArchive(directory: string): KeyArchive {
  return {
    read: () => findKeys(directory),
    async write(keys) {
      await openDataDirectory(directory);
      await replaceKeys(directory, keys);
    },
  };
}

/** Puts a new key first; what the most recent keys signed stays valid. */
export async function rotateKeys(directory: string): Promise<Keys> {
  const keys: Keys = [newKey(), ...(await openDataDirectory(directory)).slice(0, overlap)];
  await replaceKeys(directory, keys);
  return keys;
}

/**
 * The current keys of a directory: another process may have put a new one first, or a different directory may now be at
 * the path. Only the first use creates what is missing.
 * @throws HydrogenError `unavailable`
 */
export function createKeyRing(directory: string, log: Logger): KeyRing {
  let last: { readonly stamp: string; readonly keys: Keys } | undefined;
  return {
    rotate: () => rotateKeys(directory),
    async current() {
      const stamp = stampOf(keyFile(directory));
      if (last && last.stamp === stamp) return last.keys;
      if (last && deviceOf(directory) === undefined)
        throw new HydrogenError(
          'unavailable',
          `${unusable}: it was deleted or moved away while this server ran. ${advice}`,
        );
      const keys = await openDataDirectory(directory, log);
      last = { stamp: stampOf(keyFile(directory)), keys };
      return keys;
    },
  };
}
