import { isDeepStrictEqual } from 'node:util';
import type { FSWatcher } from 'chokidar';
import type { Logger } from '../../observability/log.ts';
import type { KeptPlace } from '../../stores/index/types.ts';

/** Watches places and reports which of them have changed. */
export interface PlaceWatch {
  /** From now on watches these, and no others. */
  follow(places: readonly KeptPlace[]): Promise<void>;
  close(): Promise<void>;
}

/** Quiet time after a change before its place is read, ms: programs write a file in several steps. */
const quietMs = 300;

/** What ingest passes over: hidden names and installed packages. */
const passedOver = /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/;

interface Watched {
  place: KeptPlace;
  readonly watcher: FSWatcher;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Calls `changed` with a place when it begins to watch it, and some moments after something in it has changed;
 * never twice at a time.
 * @param changed its failure is logged, and the next change tries again
 */
export function createPlaceWatch(changed: (place: KeptPlace) => Promise<void>, log: Logger): PlaceWatch {
  let last: Promise<void> = Promise.resolve();
  const watched = new Map<string, Watched>();
  let closed = false;

  function read({ path }: KeptPlace): Promise<void> {
    last = last
      .then(() => {
        const place = watched.get(path)?.place;
        return closed || !place ? undefined : changed(place);
      })
      .catch((err: unknown) => {
        if (!closed) log.warn({ err }, 'a watched folder could not be read');
      });
    return last;
  }

  async function watchOne(place: KeptPlace): Promise<void> {
    const { watch } = await import('chokidar');
    if (closed) return;
    const watcher = watch(place.path, {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => passedOver.test(path.slice(place.path.length)),
    });
    const one: Watched = { place, watcher, timer: undefined };
    watched.set(place.path, one);
    watcher.on('all', () => {
      clearTimeout(one.timer);
      one.timer = setTimeout(() => void read(place), quietMs);
    });
    watcher.on('error', (err) => log.warn({ err }, 'a folder cannot be watched'));
    await new Promise((resolve) => watcher.once('ready', () => resolve(undefined)));
  }

  async function leave(path: string): Promise<void> {
    const one = watched.get(path);
    watched.delete(path);
    clearTimeout(one?.timer);
    await one?.watcher.close();
  }

  return {
    async follow(places) {
      const paths = new Set(places.map(({ path }) => path));
      await Promise.all([...watched.keys()].filter((path) => !paths.has(path)).map(leave));
      const news = places.filter((place) => !isDeepStrictEqual(watched.get(place.path)?.place, place));
      for (const place of news) {
        const known = watched.get(place.path);
        if (known) known.place = place;
        else await watchOne(place);
        // What has changed since the last time.
        await read(place);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...watched.keys()].map(leave));
      await last;
    },
  };
}
