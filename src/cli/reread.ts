import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { App } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import { badInput } from '../errors.ts';

/** Reads the settings of a server again. */
export interface Rereading {
  /** Never fails: what is wrong is logged, and the settings of before stay. */
  again(): Promise<void>;
}

/** How often the files are looked at, ms: links that are exchanged, as in Kubernetes, tell no watcher. */
const usualLookEveryMs = 2_000;

/** What tells versions of a file apart. A pipe has none, and can be read once. */
const versionOf = (found: Stats | undefined): string =>
  found?.isFile() ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';

/** The same at this moment, whatever is there. */
function versionNow(path: string): string {
  try {
    return versionOf(statSync(path));
  } catch {
    return '';
  }
}

/** The settings of a server, and whether one of their files, or one with a secret, has changed since they were read. */
interface SettingsInFiles {
  /** @throws HydrogenError `bad_input` where they cannot be used */
  read(): LoadedConfig;
  isChanged(): Promise<boolean>;
}

/** @param load tells of each file before it reads it */
export function settingsInFiles(load: (reading: (path: string) => void) => LoadedConfig): SettingsInFiles {
  /** Of before each file was read: what was written meanwhile is a change. */
  const versions = new Map<string, string>();
  return {
    read() {
      const named = new Set<string>();
      const loaded = load((path) => {
        named.add(path);
        versions.set(path, versionNow(path));
      });
      // Where settings cannot be used, this is not reached: what they name may be made later, and what they named is in use.
      for (const path of versions.keys()) if (!named.has(path)) versions.delete(path);
      return loaded;
    },
    async isChanged() {
      const all = [...versions].map(async ([path, version]) => {
        const found = await stat(path).catch(() => undefined);
        return versionOf(found) !== version;
      });
      return (await Promise.all(all)).includes(true);
    },
  };
}

/** What stood in a file that is gone may have restricted callers: whoever wants that over empties the file. */
function assertThere(before: LoadedConfig, now: LoadedConfig): void {
  for (const { path, isRead } of before.settingsFiles) {
    if (!isRead || now.settingsFiles.some((file) => file.path === path && file.isRead)) continue;
    throw badInput(`The settings file ${path} is gone. Put it back, or restart the server without it.`);
  }
}

/**
 * Reads the settings again whenever they have changed, until the process ends.
 * @param loaded what the server has begun with
 */
export function rereadSettings(
  { reread, log }: Pick<App, 'reread' | 'log'>,
  loaded: LoadedConfig,
  files: SettingsInFiles,
  lookEveryMs = usualLookEveryMs,
): Rereading {
  let last = loaded;
  async function again(): Promise<void> {
    try {
      const read = files.read();
      assertThere(last, read);
      const { now, later } = await reread(read);
      last = read;
      log.info({ changed: now }, 'the settings were read again');
      for (const setting of later) log.warn({ setting }, 'this setting takes effect at the next start');
    } catch (err) {
      log.warn({ err }, 'the settings that were read again cannot be used: those of before stay');
    }
  }
  async function look(): Promise<void> {
    if (await files.isChanged()) await again();
  }
  let looking = Promise.resolve();
  setInterval(() => {
    looking = looking.then(look);
  }, lookEveryMs).unref();
  return { again };
}
