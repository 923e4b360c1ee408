import { watch as watchNatively } from 'node:fs';

/** What a watcher reports. */
export interface WatchEvents {
  /** Something in the path has changed. */
  changed(): void;
  /** The path itself is gone, or the watcher ended: nothing more is reported of it. Called from inside the watcher. */
  gone(): void;
  failed(error: unknown): void;
}

interface Watcher {
  close(): Promise<void>;
}

/**
 * `tree`: one handle for a folder and all below it, where the system offers that. `folders`: one for each folder.
 * Otherwise the path is looked at every so often: of what other computers change on a network share no system tells.
 */
export type WatchWay = 'tree' | 'folders' | { readonly everyMs: number };

/** On Windows and macOS the system watches trees; Node would imitate it on Linux. */
export const usualWay: WatchWay =
  process.platform === 'win32' || process.platform === 'darwin' ? 'tree' : 'folders';

function watchTree(path: string, isIgnored: (below: string) => boolean, events: WatchEvents): Watcher {
  // Watching must not keep the process alive.
  const watcher = watchNatively(path, { recursive: true, persistent: false });
  watcher.on('change', (_type, name) => {
    // Without a name it may be anything.
    if (name === null || !isIgnored(`/${String(name)}`)) events.changed();
  });
  watcher.on('error', (error) => {
    // This is how Windows says that the folder was deleted.
    const isDeleted = 'code' in error && (error.code === 'EPERM' || error.code === 'ENOENT');
    if (!isDeleted) events.failed(error);
    // Node has closed it.
    events.gone();
  });
  return { close: async () => watcher.close() };
}

async function watchFolders(
  path: string,
  isIgnored: (below: string) => boolean,
  events: WatchEvents,
  { everyMs, signal }: { readonly everyMs: number | undefined; readonly signal: AbortSignal },
): Promise<Watcher> {
  const { watch } = await import('chokidar');
  const watcher = watch(path, {
    ignoreInitial: true,
    followSymlinks: false,
    // Watching must not keep the process alive.
    persistent: false,
    ignored: (found) => isIgnored(found.slice(path.length)),
    ...(everyMs !== undefined && { usePolling: true, interval: everyMs, binaryInterval: everyMs }),
  });
  watcher.on('all', (event, found) => {
    events.changed();
    if (event === 'unlinkDir' && found === path) events.gone();
  });
  watcher.on('error', events.failed);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    watcher.once('ready', done);
    signal.addEventListener('abort', done, { once: true });
  });
  return watcher;
}

/**
 * Watches a folder or a file. Resolves when every change from now on is reported.
 * @param isIgnored of a path below the folder, which begins with a separator, or is empty for the folder itself
 */
export async function startWatcher(
  path: string,
  way: WatchWay,
  isIgnored: (below: string) => boolean,
  events: WatchEvents,
  signal: AbortSignal,
): Promise<Watcher> {
  if (way === 'tree') return watchTree(path, isIgnored, events);
  const everyMs = way === 'folders' ? undefined : way.everyMs;
  return watchFolders(path, isIgnored, events, { everyMs, signal });
}
