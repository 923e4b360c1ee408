import { type Call, systemCall } from '../../call.ts';
import type { Logger } from '../../observability/log.ts';
import type { TrackedPath } from '../../stores/index/types.ts';
import type { ResumeOptions, SourceChange } from '../types.ts';
import type { CollectionSource } from './collections/collection-source.ts';
import { followCollection, pause } from './collections/follow-collection.ts';
import { type SyncParts, type SyncReport, syncAll } from './collections/sync-collection.ts';
import { createPathWatch, isUnwatched } from './files/watch.ts';
import { createLook } from './files/watched-places.ts';
import type { WatchWay } from './files/watchers.ts';

export interface SyncOptions extends SyncParts {
  readonly collections: readonly CollectionSource[];
  /** Interval between scans of a collection that cannot be followed, ms. */
  readonly scanEveryMs: number;
  /** How folders are watched. */
  readonly watchWay: WatchWay;
  /** Rereads a folder or file, if it is still tracked. */
  readonly ingest: (path: string, call: Call) => Promise<Omit<SourceChange, 'source'>>;
  /** Removes what must not be in the library, once. */
  readonly tidy: (call: Call) => Promise<void>;
  /** Completes writes that were interrupted, by whichever process. */
  readonly repair: (call: Call) => Promise<void>;
  /** Starts embedding what has been read. */
  readonly embed: () => void;
  readonly log: Logger;
}

/** Keeps the library in sync with its sources. */
export interface Sync {
  /** Follows the collections in the background, and with `watch` the folders too. */
  start(options: ResumeOptions): void;
  /** Brings all collections up to date once. */
  refresh(call: Call): Promise<SyncReport>;
  close(): Promise<void>;
}

/** How often to check whether the tracked paths have changed, ms. */
const pollMs = 5_000;
/** How often to look for writes that were interrupted, ms: also those of other nodes, which may never start again. */
const repairEveryMs = 300_000;

type OnChange = (change: SourceChange) => void;

const nothing: SyncReport = { added: 0, changed: 0, unchanged: 0, removed: 0, chunks: 0 };

function sum(a: SyncReport, b: SyncReport): SyncReport {
  return {
    added: a.added + b.added,
    changed: a.changed + b.changed,
    unchanged: a.unchanged + b.unchanged,
    removed: a.removed + b.removed,
    chunks: a.chunks + b.chunks,
  };
}

/** Folders, and the files that are in none of them. */
function pathsToWatch(places: readonly TrackedPath[]): string[] {
  const folders = places.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
  const isAlone = (path: string): boolean => folders.every((folder) => isUnwatched(folder, path));
  return [
    ...folders,
    ...places.flatMap(({ path, kind }) => (kind === 'file' && isAlone(path) ? [path] : [])),
  ];
}

export function createSync(options: SyncOptions): Sync {
  const { catalog, collections, scanEveryMs, watchWay, ingest, tidy, repair, embed, log } = options;
  const stop = new AbortController();
  const call = systemCall(log, { signal: stop.signal });
  const running: Promise<void>[] = [];
  let watching: Promise<void> | undefined;
  let started = false;

  async function watch(onChange: OnChange): Promise<void> {
    /** The files that were skipped the last time each path was read. */
    const skippedBefore = new Map<string, ReadonlySet<string>>();
    const read = async (path: string): Promise<void> => {
      const { added, changed, removed, skipped } = await ingest(path, call);
      // Files skipped on the first read were already reported by the ingest that added the path.
      const before = skippedBefore.get(path) ?? new Set(skipped.map((file) => file.path));
      skippedBefore.set(path, new Set(skipped.map((file) => file.path)));
      const news = skipped.filter((file) => !before.has(file.path));
      if (news.length + added + changed + removed === 0) return;
      onChange({ source: path, added, changed, removed, skipped: news });
    };
    const watched = createPathWatch(read, watchWay, stop.signal, log);
    const look = createLook();
    try {
      for (let known: readonly TrackedPath[] | undefined; !stop.signal.aborted; ) {
        if (!known || (await catalog.hasOtherTrackedPaths(known, call)))
          known = await catalog.trackedPaths(call);
        const { present, renewed, missing } = await look(pathsToWatch(known), known);
        // No event tells that something was mounted, or unmounted.
        if (renewed.length > 0) await watched.follow(present.filter((path) => !renewed.includes(path)));
        await watched.follow(present);
        for (const path of missing) {
          await read(path).catch((err: unknown) => log.warn({ err }, 'a watched path could not be read'));
        }
        await pause(pollMs, stop.signal);
      }
    } finally {
      await watched.close();
    }
  }

  async function keepRepairing(): Promise<void> {
    while (!stop.signal.aborted) {
      await repair(call).catch((err: unknown) => {
        if (!stop.signal.aborted) log.warn({ err }, 'interrupted writes could not be completed');
      });
      await pause(repairEveryMs, stop.signal);
    }
  }

  return {
    start({ watch: withFolders = false, onChange = () => {} }) {
      if (!started) {
        started = true;
        const tidied = tidy(call).catch((err: unknown) => {
          if (!stop.signal.aborted) log.warn({ err }, 'own files could not be removed from the library');
        });
        running.push(tidied, keepRepairing());
        for (const definition of collections) {
          const onCollectionChange = ({ added, changed, removed }: SyncReport): void => {
            onChange({ source: definition.name, added, changed, removed, skipped: [] });
            embed();
          };
          const following = { scanEveryMs, onChange: onCollectionChange, log };
          running.push(followCollection(definition, options, following, call));
        }
      }
      if (withFolders && !watching) {
        watching = watch(onChange).catch((err: unknown) => {
          if (!stop.signal.aborted) log.warn({ err }, 'folders cannot be watched');
        });
      }
    },
    async refresh(of) {
      let total = nothing;
      for (const definition of collections) total = sum(total, await syncAll(definition, options, of));
      return total;
    },
    async close() {
      stop.abort();
      await watching;
      await Promise.all(running);
    },
  };
}
