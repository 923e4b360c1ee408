import type { FSWatcher } from 'chokidar';
import type { Logger } from '../../observability/log.ts';

/** Watches folders and reports which of them have changed. */
export interface FolderWatch {
  close(): Promise<void>;
}

/** Quiet time after a change before its folder is read, ms: programs write a file in several steps. */
const quietMs = 300;

/** What ingest passes over: hidden names and installed packages. */
const passedOver = /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/;

/**
 * Calls `changed` with a folder some moments after something in it has changed; never twice at a time.
 * @param changed its failure is logged, and the next change tries again
 */
export async function watchFolders(
  folders: readonly string[],
  changed: (folder: string) => Promise<void>,
  log: Logger,
): Promise<FolderWatch> {
  const { watch } = await import('chokidar');
  let last: Promise<void> = Promise.resolve();
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  function read(folder: string): void {
    timers.delete(folder);
    last = last
      .then(() => (closed ? undefined : changed(folder)))
      .catch((err: unknown) => {
        if (!closed) log.warn({ err }, 'a watched folder could not be read');
      });
  }

  function watchOne(folder: string): FSWatcher {
    const watcher = watch(folder, {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => passedOver.test(path.slice(folder.length)),
    });
    watcher.on('all', () => {
      clearTimeout(timers.get(folder));
      timers.set(
        folder,
        setTimeout(() => read(folder), quietMs),
      );
    });
    watcher.on('error', (err) => log.warn({ err }, 'a folder cannot be watched'));
    return watcher;
  }

  const watchers = folders.map(watchOne);
  await Promise.all(
    watchers.map((watcher) => new Promise((resolve) => watcher.once('ready', () => resolve(undefined)))),
  );
  return {
    async close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(watchers.map((watcher) => watcher.close()));
      await last;
    },
  };
}
