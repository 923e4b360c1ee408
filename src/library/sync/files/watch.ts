import type { Logger } from '../../../observability/log.ts';
import { below } from '../../../policy/path-text.ts';
import { startWatcher, type WatchWay } from './watchers.ts';

/** Watches folders and files, and reports which of them change. */
export interface PathWatch {
  /** From now on watches exactly these. Each new one is read as soon as it is watched. */
  follow(paths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Quiet time after a change before its path is read, ms: programs write a file in several steps. */
const debounceMs = 300;

/** Names that ingest skips: hidden ones and installed packages. */
const ignored = /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/;

/** Whether a path is outside a folder, or in a part of it that ingest skips. */
export function isUnwatched(folder: string, path: string): boolean {
  const rest = below(folder, path);
  return rest === undefined || ignored.test(rest);
}

interface Watched {
  close: () => Promise<void>;
  /** Where it could not be started, the path was read at least. */
  isStarted: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Calls `onChange` with a path when it starts watching it, and shortly after something in it has changed; one call at a
 * time, and none after the signal.
 * @param onChange a failure is logged, and the next change tries again
 */
export function createPathWatch(
  onChange: (path: string) => Promise<void>,
  way: WatchWay,
  signal: AbortSignal,
  log: Logger,
): PathWatch {
  let last: Promise<void> = Promise.resolve();
  const watched = new Map<string, Watched>();

  function read(path: string): Promise<void> {
    last = last
      .then(() => (signal.aborted || !watched.has(path) ? undefined : onChange(path)))
      .catch((err: unknown) => {
        if (!signal.aborted) log.warn({ err }, 'a watched path could not be read');
      });
    return last;
  }

  async function unwatch(path: string): Promise<void> {
    const entry = watched.get(path);
    watched.delete(path);
    clearTimeout(entry?.timer);
    await entry?.close();
    log.debug({ path }, 'no longer watched');
  }

  async function watchPath(path: string): Promise<void> {
    const events = {
      changed(): void {
        clearTimeout(entry.timer);
        entry.timer = setTimeout(() => void read(path), debounceMs);
      },
      // A path that comes back has to be watched anew. Closing a watcher inside its own event leaks a handle, which
      // would keep the process alive.
      gone(): void {
        setImmediate(() => void (watched.get(path) === entry && unwatch(path)));
      },
      failed: (err: unknown) => log.warn({ err }, 'a folder cannot be watched'),
    };
    const entry: Watched = { close: async () => {}, isStarted: false, timer: undefined };
    watched.set(path, entry);
    const watcher = await startWatcher(path, way, (found) => ignored.test(found), events, signal);
    entry.close = () => watcher.close();
    entry.isStarted = true;
    log.debug({ path }, 'watched');
  }

  return {
    async follow(paths) {
      const wanted = new Set(paths);
      await Promise.all([...watched.keys()].filter((path) => !wanted.has(path)).map(unwatch));
      for (const path of paths) {
        if (signal.aborted) return;
        const before = watched.get(path);
        if (before?.isStarted) continue;
        try {
          await watchPath(path);
        } catch (err) {
          // It is tried again with the next look at what is to be watched.
          if (before) continue;
          log.warn(
            { err },
            'a folder cannot be watched: set watchEveryMs, and it is looked at every so often',
          );
        }
        // Catch up on changes since the last time.
        await read(path);
      }
    },
    async close() {
      await Promise.all([...watched.keys()].map(unwatch));
      await last;
    },
  };
}
