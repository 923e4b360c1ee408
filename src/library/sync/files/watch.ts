import type { FSWatcher } from 'chokidar';
import type { Logger } from '../../../observability/log.ts';
import { below } from './roots.ts';

/** Watches folders and files and reports which of them have changed. */
export interface PathWatch {
  /** From now on watches these, and no others. Each new one is read once it is watched. */
  follow(paths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Quiet time after a change before its place is read, ms: programs write a file in several steps. */
const quietMs = 300;

/** What ingest passes over: hidden names and installed packages. */
const passedOver = /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/;

/** Whether a path is not in a folder, or in a part of it that ingest passes over. */
export function isPassedOver(folder: string, path: string): boolean {
  const rest = below(folder, path);
  return rest === undefined || passedOver.test(rest);
}

interface Watched {
  readonly watcher: FSWatcher;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Calls `changed` with a path when it begins to watch it, and some moments after something in it has changed;
 * never twice at a time, and not after the signal.
 * @param changed its failure is logged, and the next change tries again
 */
export function createPathWatch(
  changed: (path: string) => Promise<void>,
  signal: AbortSignal,
  log: Logger,
): PathWatch {
  let last: Promise<void> = Promise.resolve();
  const watched = new Map<string, Watched>();

  function read(path: string): Promise<void> {
    last = last
      .then(() => (signal.aborted || !watched.has(path) ? undefined : changed(path)))
      .catch((err: unknown) => {
        if (!signal.aborted) log.warn({ err }, 'a watched path could not be read');
      });
    return last;
  }

  async function leave(path: string): Promise<void> {
    const one = watched.get(path);
    watched.delete(path);
    clearTimeout(one?.timer);
    await one?.watcher.close();
    log.debug({ path }, 'no longer watched');
  }

  async function watchOne(path: string): Promise<void> {
    const { watch } = await import('chokidar');
    if (signal.aborted) return;
    const watcher = watch(path, {
      ignoreInitial: true,
      followSymlinks: false,
      // Being told of changes is no reason to stay.
      persistent: false,
      ignored: (found) => passedOver.test(found.slice(path.length)),
    });
    const one: Watched = { watcher, timer: undefined };
    watched.set(path, one);
    watcher.on('all', (event, found) => {
      clearTimeout(one.timer);
      one.timer = setTimeout(() => void read(path), quietMs);
      // Once it is there again, it has to be watched anew. A watcher that is closed inside its own event leaves a
      // handle open, which would keep the process alive.
      if (event === 'unlinkDir' && found === path) {
        setImmediate(() => void (watched.get(path) === one && leave(path)));
      }
    });
    watcher.on('error', (err) => log.warn({ err }, 'a folder cannot be watched'));
    await new Promise<void>((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      watcher.once('ready', go);
      signal.addEventListener('abort', go, { once: true });
    });
    log.debug({ path }, 'watched');
  }

  return {
    async follow(paths) {
      const wanted = new Set(paths);
      await Promise.all([...watched.keys()].filter((path) => !wanted.has(path)).map(leave));
      for (const path of paths) {
        if (signal.aborted) return;
        if (watched.has(path)) continue;
        await watchOne(path);
        // What has changed since the last time.
        await read(path);
      }
    },
    async close() {
      await Promise.all([...watched.keys()].map(leave));
      await last;
    },
  };
}
