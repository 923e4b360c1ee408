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
const lookEveryMs = 2_000;

/** What tells versions of files apart. A pipe has none, and can be read once. */
async function versionOf(paths: readonly string[]): Promise<string> {
  const versions = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
    }),
  );
  return versions.join(', ');
}

/** What stood in a file that is gone may have restricted callers: whoever wants that over empties the file. */
function assertThere(before: LoadedConfig, now: LoadedConfig): void {
  for (const { path, isRead } of before.settingsFiles) {
    if (!isRead || now.settingsFiles.some((file) => file.path === path && file.isRead)) continue;
    throw badInput(`The settings file ${path} is gone. Put it back, or restart the server without it.`);
  }
}

/**
 * Reads the settings again whenever one of their files changes, or one with a secret, until the process ends.
 * @param loaded what the server has begun with
 */
export function rereadSettings(
  { reread, log }: Pick<App, 'reread' | 'log'>,
  loaded: LoadedConfig,
  load: () => LoadedConfig,
): Rereading {
  let last = loaded;
  let version: string | undefined;
  async function again(): Promise<void> {
    try {
      const read = load();
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
    const found = await versionOf(last.files);
    const isNew = version !== undefined && found !== version;
    version = found;
    if (!isNew) return;
    await again();
    // Other files may be named now.
    version = await versionOf(last.files);
  }
  let looking = look();
  setInterval(() => {
    looking = looking.then(look);
  }, lookEveryMs).unref();
  return { again };
}
