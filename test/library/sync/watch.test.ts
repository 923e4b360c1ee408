import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createPathWatch } from '../../../src/library/sync/files/watch.ts';
import type { WatchWay } from '../../../src/library/sync/files/watchers.ts';
import type { SourceChange } from '../../../src/library/types.ts';
import { createLog } from '../../../src/observability/log.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { folderOf, smallLibrary, wordsOnly, writeFiles } from '../support.ts';
import { found } from './support.ts';

const options = { timeout: 60_000, interval: 100 };

/** As on Windows and macOS, as on Linux, and as for network shares. */
const ways: readonly [string, WatchWay][] = [
  ['as a tree', 'tree'],
  ['folder by folder', 'folders'],
  ['by looking at it every second', { everyMs: 1_000 }],
];

test.each(ways)(
  'a new, a changed and a removed file of a folder that is watched %s are searched without another ingest',
  async (_how, watchWay) => {
    const folder = await folderOf(smallLibrary);
    const library = await wordsOnly({ watchWay });
    await library.ingest([folder], testCall());
    library.resume({ watch: true });
    await writeFiles(folder, { 'news.md': '# News\n\nThe turbine runs.\n' });
    await vi.waitFor(async () => expect(await found(library, 'turbine')).toEqual(['docs/news.md']), options);

    await writeFiles(folder, { 'news.md': '# News\n\nThe windmill stands still.\n' });
    await vi.waitFor(async () => expect(await found(library, 'windmill')).toEqual(['docs/news.md']), options);
    await rm(join(folder, 'news.md'));

    await vi.waitFor(async () => expect(await found(library, 'windmill')).toEqual([]), options);
  },
);

test('a folder that is watched as a tree, deleted and made again, is watched again', async () => {
  const folder = await folderOf(smallLibrary);
  const library = await wordsOnly({ watchWay: 'tree' });
  await library.ingest([folder], testCall());
  library.resume({ watch: true });
  await setTimeout(1_000);
  await rm(folder, { recursive: true });
  // One that holds nothing of what was read from it would be taken for another disk.
  await writeFiles(folder, { ...smallLibrary, 'news.md': '# News\n\nThe turbine runs.\n' });
  await vi.waitFor(async () => expect(await found(library, 'turbine')).toEqual(['docs/news.md']), options);
  // It may have been read for what was there before; what comes later is read only by who watches it.
  await setTimeout(7_000);

  await writeFiles(folder, { 'more.md': '# More\n\nThe windmill too.\n' });

  await vi.waitFor(async () => expect(await found(library, 'windmill')).toEqual(['docs/more.md']), options);
});

test.each(ways)(
  'hidden files and installed packages of a folder that is watched %s are no change',
  async (_how, watchWay) => {
    const folder = await folderOf(smallLibrary);
    const changes: string[] = [];
    const stop = new AbortController();
    const watch = createPathWatch(
      async (path) => void changes.push(path),
      watchWay,
      stop.signal,
      createLog('silent'),
    );
    await watch.follow([folder]);
    await writeFiles(folder, { '.git/HEAD': 'x', 'node_modules/a/readme.md': 'x' });
    await setTimeout(2_500);
    expect(changes).toEqual([folder]);
    await writeFiles(folder, { 'a/news.md': 'x' });
    await vi.waitFor(() => expect(changes.length).toBeGreaterThan(1), options);
    stop.abort();
    await watch.close();
  },
);

test('what a watch reads and what it cannot read is told once', async () => {
  const folder = await folderOf(smallLibrary);
  const library = await wordsOnly();
  await library.ingest([folder], testCall());
  const told: SourceChange[] = [];
  library.resume({ watch: true, onChange: (change) => told.push(change) });
  const nothing = { source: folder, added: 0, changed: 0, removed: 0, skipped: [] };

  await writeFiles(folder, { 'news.md': '# News\n\nThe turbine runs.\n' });
  await vi.waitFor(() => expect(told).toEqual([{ ...nothing, added: 1 }]), options);
  await writeFiles(folder, { 'scan.pdf': '%PDF-1.7\nbroken' });
  const skipped = [{ path: 'docs/scan.pdf', reason: expect.any(String) }];
  await vi.waitFor(() => expect(told.slice(1)).toEqual([{ ...nothing, skipped }]), options);
  await writeFiles(folder, { 'more.md': '# More\n\nThe windmill too.\n' });

  await vi.waitFor(() => expect(told.slice(2)).toEqual([{ ...nothing, added: 1 }]), options);
});

test('a file that was named alone is watched, and nothing else of its folder', async () => {
  const folder = await folderOf(smallLibrary);
  const library = await wordsOnly();
  await library.ingest([join(folder, 'cost.txt')], testCall());
  library.resume({ watch: true });
  await setTimeout(1_000);

  await writeFiles(folder, { 'news.md': 'The windmill stands still.\n', 'cost.txt': 'The windmill runs.\n' });

  await vi.waitFor(async () => expect(await found(library, 'windmill')).toEqual(['docs/cost.txt']), options);
});

test('a source that was taken out while it is watched stays out', async () => {
  const folder = await folderOf(smallLibrary);
  const library = await wordsOnly();
  await library.ingest([folder], testCall());
  library.resume({ watch: true });
  await writeFiles(folder, { 'news.md': '# News\n\nThe turbine runs.\n' });
  await vi.waitFor(async () => expect(await found(library, 'turbine')).toEqual(['docs/news.md']), options);
  await library.removeSource('docs', testCall());

  await writeFiles(folder, { 'news.md': '# News\n\nThe windmill runs.\n' });
  await setTimeout(1_500);

  expect(await library.sources(testCall())).toEqual([]);
});

test('a folder that comes back while it is watched is read and watched again', async () => {
  const folder = await folderOf(smallLibrary);
  const library = await wordsOnly();
  await library.ingest([folder], testCall());
  library.resume({ watch: true });
  await setTimeout(1_000);
  await rename(folder, `${folder}-away`);
  await setTimeout(6_000);
  await writeFiles(`${folder}-away`, { 'news.md': '# News\n\nThe turbine runs.\n' });

  await rename(`${folder}-away`, folder);
  await vi.waitFor(async () => expect(await found(library, 'turbine')).toEqual(['docs/news.md']), options);
  await writeFiles(folder, { 'more.md': '# More\n\nThe windmill too.\n' });

  await vi.waitFor(async () => expect(await found(library, 'windmill')).toEqual(['docs/more.md']), options);
});

test('a folder that another process makes a source is watched too', async () => {
  const directory = await temporaryDirectory();
  const library = await wordsOnly({ directory });
  library.resume({ watch: true });
  const folder = await folderOf(smallLibrary, 'later');
  const other = await wordsOnly({ directory });
  await other.ingest([folder], testCall());
  await setTimeout(6_000);

  await writeFiles(folder, { 'news.md': '# News\n\nThe turbine runs.\n' });

  await vi.waitFor(async () => expect(await found(library, 'turbine')).toEqual(['later/news.md']), options);
});

test('what has changed before the watch began is read at its start', async () => {
  const folder = await folderOf(smallLibrary);
  const library = await wordsOnly();
  await library.ingest([folder], testCall());
  await rename(join(folder, 'cost.txt'), join(folder, 'price.txt'));

  library.resume({ watch: true });

  await vi.waitFor(
    async () => expect(await found(library, 'electricity')).toEqual(['docs/price.txt']),
    options,
  );
});
