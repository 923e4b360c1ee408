import type { FSWatcher } from 'chokidar';
import type { Logger } from '../../observability/log.ts';

/** Watches folders and reports which of them have changed. */
export interface FolderWatch {
  /** From now on watches these, and no others. */
  follow(folders: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Quiet time after a change before its folder is read, ms: programs write a file in several steps. */
const quietMs = 300;

/** What ingest passes over: hidden names and installed packages. */
const passedOver = /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/;

/**
 * Calls `changed` with a folder when it begins to watch it, and some moments after something in it has changed;
 * never twice at a time.
 * @param changed its failure is logged, and the next change tries again
 */
export function createFolderWatch(changed: (folder: string) => Promise<void>, log: Logger): FolderWatch {
  let last: Promise<void> = Promise.resolve();
  const timers = new Map<string, NodeJS.Timeout>();
  const watchers = new Map<string, FSWatcher>();
  let closed = false;

  function read(folder: string): Promise<void> {
    timers.delete(folder);
    last = last
      .then(() => (closed ? undefined : changed(folder)))
      .catch((err: unknown) => {
        if (!closed) log.warn({ err }, 'a watched folder could not be read');
      });
    return last;
  }

  async function watchOne(folder: string): Promise<void> {
    const { watch } = await import('chokidar');
    if (closed) return;
    const watcher = watch(folder, {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => passedOver.test(path.slice(folder.length)),
    });
    watchers.set(folder, watcher);
    watcher.on('all', () => {
      clearTimeout(timers.get(folder));
      timers.set(
        folder,
        setTimeout(() => void read(folder), quietMs),
      );
    });
    watcher.on('error', (err) => log.warn({ err }, 'a folder cannot be watched'));
    await new Promise((resolve) => watcher.once('ready', () => resolve(undefined)));
  }

  async function leave(folder: string): Promise<void> {
    clearTimeout(timers.get(folder));
    timers.delete(folder);
    const watcher = watchers.get(folder);
    watchers.delete(folder);
    await watcher?.close();
  }

  return {
    async follow(folders) {
      await Promise.all([...watchers.keys()].filter((folder) => !folders.includes(folder)).map(leave));
      const added = folders.filter((folder) => !watchers.has(folder));
      await Promise.all(added.map(watchOne));
      // What has changed since the last time.
      for (const folder of added) await read(folder);
    },
    async close() {
      closed = true;
      await Promise.all([...watchers.keys()].map(leave));
      await last;
    },
  };
}
