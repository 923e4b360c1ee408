import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { backUp, restore } from './backup/backup.ts';
import { type BackupManifest, storeIn } from './backup/manifest.ts';
import type { Call } from './call.ts';
import { dataDirectoryOf } from './config/data-directory.ts';
import type { Config } from './config.ts';
import { badInput, HydrogenError } from './errors.ts';
import { codeOf } from './file-errors.ts';
import { createKeyFileArchive, findKeys } from './stores/data-directory.ts';
import { formatVersion } from './stores/embedded/format.ts';
import { createEmbeddedStore } from './stores/embedded/store.ts';
import { version } from './version.ts';

interface Backups {
  /** @param keys a folder for the signing keys, apart from the rest */
  backUp(folder: string, keys: string | undefined, call: Call): Promise<BackupManifest>;
  restore(folder: string, keys: string | undefined, call: Call): Promise<BackupManifest>;
}

/**
 * Looks whether signing keys can be copied to a directory that has none, before anything else is done.
 * @returns what copies them
 */
async function keysCopy(from: string, to: string): Promise<(call: Call) => Promise<void>> {
  const keys = await findKeys(from);
  if (!keys) throw badInput(`There are no signing keys in ${from}: it has no keys.json.`);
  if (await findKeys(to)) throw badInput(`There are signing keys in ${to} already: name another folder.`);
  return (call) => createKeyFileArchive(to).write(keys, call);
}

/** Where a path leads, links followed, also where the end of it does not exist yet. */
async function realPathOf(path: string): Promise<string> {
  const whole = resolve(path);
  try {
    return await realpath(whole);
  } catch (error) {
    const above = dirname(whole);
    if (codeOf(error) !== 'ENOENT' || above === whole) throw error;
    return join(await realPathOf(above), basename(whole));
  }
}

/** Keys that lie in the copy go wherever the copy goes: whoever reads it could make sessions and links. */
async function throwIfNotApart(keys: string, folder: string): Promise<void> {
  const between = relative(await realPathOf(folder), await realPathOf(keys));
  const isApart = between === '..' || between.startsWith(`..${sep}`) || isAbsolute(between);
  if (isApart) return;
  throw badInput(
    `The folder for the signing keys (${keys}) lies in that of the copy (${folder}): who gets the copy gets them, too. Name one elsewhere, which is kept apart.`,
  );
}

/** Before the store is restored: half of what was asked for would be in the way of the next attempt. */
async function throwIfKeysCannotCome(from: string, dataDirectory: string): Promise<void> {
  if (!(await findKeys(from))) throw badInput(`There are no signing keys in ${from}: it has no keys.json.`);
  if (!(await findKeys(dataDirectory))) return;
  throw new HydrogenError(
    'conflict',
    `There are signing keys in ${dataDirectory} already: move its keys.json away first, or leave out --keys to go on with them.`,
  );
}

/** Opening a store makes one where there is none: a name that was mistyped would give a backup of nothing. */
function throwIfNoStore(dataDirectory: string): void {
  if (existsSync(storeIn(dataDirectory))) return;
  throw new HydrogenError(
    'not_found',
    `There is no store in ${dataDirectory}: check --data-dir (or HYDROGEN_DATA_DIR).`,
  );
}

export function openBackup(config: Config): Backups {
  const dataDirectory = dataDirectoryOf(config);
  return {
    async backUp(folder, keys, call) {
      throwIfNoStore(dataDirectory);
      if (keys !== undefined) await throwIfNotApart(keys, folder);
      const copyKeys = keys === undefined ? undefined : await keysCopy(dataDirectory, keys);
      const file = createEmbeddedStore(dataDirectory, 1);
      const made = await backUp(file, folder, version, call).finally(() => file.close());
      await copyKeys?.(call);
      return made;
    },
    async restore(folder, keys, call) {
      if (keys !== undefined) await throwIfKeysCannotCome(keys, dataDirectory);
      const copyKeys = keys === undefined ? undefined : await keysCopy(keys, dataDirectory);
      const restored = await restore(folder, { dataDirectory, format: formatVersion }, call);
      await copyKeys?.(call);
      const file = createEmbeddedStore(dataDirectory, 1);
      // Brings an earlier format forward now, when somebody looks, and not at the next start.
      await file.open(call).finally(() => file.close());
      return restored;
    },
  };
}
