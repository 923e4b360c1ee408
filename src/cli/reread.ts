import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { App } from '../app.ts';
import type { LoadedConfig } from '../config/load.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { Reread } from '../reread.ts';

/** Reads the settings of a server again. */
export interface Rereading {
  /** Never fails: what is wrong is logged, and the settings of before stay. */
  again(): Promise<void>;
}

/** How often the files are looked at, ms: links that are exchanged, as in Kubernetes, tell no watcher. */
const usualLookEveryMs = 2_000;

/** What tells versions of a file, and who may read it, apart. A pipe has none, and can be read once. */
const versionOf = (found: Stats | undefined): string =>
  found?.isFile() ? `${found.mtimeMs} ${found.ctimeMs} ${found.size} ${found.ino}` : '';

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

/** Whoever writes into a pipe may take a while, for which a server would stand still. */
function assertNoPipe(path: string): void {
  let isPipe = false;
  try {
    isPipe = statSync(path).isFIFO();
  } catch {
    // Reading it says what is wrong.
  }
  if (!isPipe) return;
  throw badInput(
    `${path} is a pipe, which a server reads once, when it starts. Put a file there, or restart the server.`,
  );
}

/** @param load tells of each file before it reads it */
export function settingsInFiles(load: (reading: (path: string) => void) => LoadedConfig): SettingsInFiles {
  /** Of before each file was read: what was written meanwhile is a change. */
  const versions = new Map<string, string>();
  let isBegun = false;
  return {
    read() {
      const named = new Set<string>();
      const loaded = load((path) => {
        named.add(path);
        versions.set(path, versionNow(path));
        if (isBegun) assertNoPipe(path);
      });
      isBegun = true;
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

/** The longest pause before settings that were refused are tried again, ms. */
const maxPauseMs = 300_000;

/** What was read again and what became of it, once where it says nothing new. */
function createReport({ log, audit }: Pick<RereadingApp, 'log' | 'audit'>) {
  let [later, refused]: readonly string[] = ['[]', ''];
  return {
    /** Somebody wants to know what comes of it, also where that is nothing new. */
    asked() {
      refused = '';
    },
    taken({ now, later: waiting }: Reread): void {
      log.info({ changed: now }, 'the settings were read again');
      for (const setting of waiting) log.warn({ setting }, 'this setting takes effect at the next start');
      const isNew = now.length > 0 || later !== JSON.stringify(waiting);
      if (isNew || refused !== '') audit.reread({ outcome: 'ok', settings: { now, later: waiting } });
      [later, refused] = [JSON.stringify(waiting), ''];
    },
    refused(err: unknown): void {
      const { code, message } =
        err instanceof HydrogenError ? err : new HydrogenError('internal', 'They could not be read.');
      if (refused === message) return;
      refused = message;
      log.warn(
        { err },
        'the settings that were read again cannot be used: those of before stay, and these are tried again',
      );
      audit.reread({ outcome: code, reason: message });
    },
  };
}

/** What rereading needs of the app. */
interface RereadingApp extends Pick<App, 'reread' | 'log'> {
  readonly audit: Pick<App['audit'], 'reread'>;
}

/**
 * Reads the settings again whenever they have changed, until the process ends. What cannot be used is tried again, at
 * longer and longer intervals: it may fit what is elsewhere later, as when nobody could call for want of a key.
 * @param loaded what the server has begun with
 */
export function rereadSettings(
  app: RereadingApp,
  loaded: LoadedConfig,
  files: SettingsInFiles,
  lookEveryMs = usualLookEveryMs,
): Rereading {
  let last = loaded;
  let [pauseMs, tryAt] = [lookEveryMs, Number.POSITIVE_INFINITY];
  const report = createReport(app);
  async function again(): Promise<void> {
    tryAt = Number.POSITIVE_INFINITY;
    try {
      const read = files.read();
      assertThere(last, read);
      const taken = await app.reread(read);
      last = read;
      pauseMs = lookEveryMs;
      report.taken(taken);
    } catch (err) {
      report.refused(err);
      pauseMs = Math.min(2 * pauseMs, maxPauseMs);
      tryAt = performance.now() + pauseMs;
    }
  }
  async function look(): Promise<void> {
    const isChanged = await files.isChanged();
    if (isChanged) pauseMs = lookEveryMs;
    if (isChanged || performance.now() >= tryAt) await again();
  }
  let looking = Promise.resolve();
  setInterval(() => {
    looking = looking.then(look);
  }, lookEveryMs).unref();
  return {
    again() {
      report.asked();
      return again();
    },
  };
}
