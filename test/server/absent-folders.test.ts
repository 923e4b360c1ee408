import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { folderOf, smallLibrary, writeFiles } from '../library/support.ts';
import { call, rowsOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { connected } from '../support/connected.ts';
import { linkFolder } from '../support/links.ts';

// A folder whose disk is not mounted is empty, missing or another one: its documents must outlast that.

const options = { timeout: 60_000, interval: 200 };
const count = Object.keys(smallLibrary).length;

interface Watched {
  readonly app: App;
  readonly client: Client;
  readonly folder: string;
}

/** A server that has read a folder of documents, and watches it. */
async function watched(): Promise<Watched> {
  const folder = await folderOf(smallLibrary);
  const { app, client } = await connected({ settings: { watch: true } });
  await app.library.ingest([folder], testCall());
  app.start();
  // Only what happens to a folder that is watched already is an event.
  const indexedAt = async (): Promise<string | undefined> => {
    const { documents } = await app.library.list({ limit: 10 }, testCall());
    return documents.find(({ id }) => id === 'docs/cost.txt')?.indexedAt;
  };
  await vi.waitFor(async () => {
    const before = await indexedAt();
    await writeFiles(folder, { 'cost.txt': `Electricity is ${Math.random()} of the cost.\n` });
    await expect.poll(indexedAt, { timeout: 5_000 }).not.toBe(before);
  }, options);
  return { app, client, folder };
}

async function searchPart(client: Client): Promise<{ state: string; detail: string; action?: string }> {
  const { structuredContent } = await call(client, 'health');
  const { parts } = structuredContent as { parts: { name: string; state: string; detail: string }[] };
  return parts.find(({ name }) => name === 'search') ?? { state: '', detail: '' };
}

async function documents({ library }: App): Promise<number> {
  return (await library.list({ limit: 1 }, testCall())).total;
}

const away: readonly [string, (folder: string) => Promise<unknown>, RegExp][] = [
  ['renamed', (folder) => rename(folder, `${folder}-elsewhere`), /"docs\/" is missing since .*kept/],
  ['deleted', (folder) => rm(folder, { recursive: true }), /"docs\/" is missing since .*kept/],
  [
    'replaced by a link',
    async (folder) => {
      await rename(folder, `${folder}-elsewhere`);
      await linkFolder(`${folder}-elsewhere`, folder);
    },
    /"docs\/" is reached through a link now.* since .*kept/,
  ],
  [
    'replaced by a link that leads nowhere',
    async (folder) => {
      await rm(folder, { recursive: true });
      await linkFolder(`${folder}-nowhere`, folder);
    },
    /"docs\/" is reached through a link now.* since .*kept/,
  ],
  [
    'replaced by a file',
    async (folder) => {
      await rename(folder, `${folder}-elsewhere`);
      await writeFile(folder, 'no folder');
    },
    /"docs\/" is a file now.* since .*kept/,
  ],
  [
    'emptied',
    async (folder) => {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    },
    /"docs\/" is empty since .*kept/,
  ],
  [
    'replaced by an empty one',
    async (folder) => {
      await rename(folder, `${folder}-elsewhere`);
      await mkdir(folder);
    },
    /"docs\/" is (empty|missing) since .*kept/,
  ],
  [
    'replaced by another',
    async (folder) => {
      await rename(folder, `${folder}-elsewhere`);
      await writeFiles(folder, { 'NOT-MOUNTED.txt': 'The disk is not mounted.\n' });
    },
    /"docs\/" is another folder, without its files since .*kept/,
  ],
];

test.each(away)(
  'a watched folder that is %s keeps its documents, and health says so',
  async (_how, take, said) => {
    const { app, client, folder } = await watched();

    await take(folder);
    await vi.waitFor(async () => {
      expect(await searchPart(client)).toMatchObject({
        state: 'degraded',
        detail: expect.stringMatching(said),
        action: expect.stringContaining('--prune'),
      });
    }, options);

    expect(await documents(app)).toBe(count);
    const [source] = rowsOf(await call(client, 'list_sources'));
    expect(source).toMatchObject({ name: 'docs', documents: count, absent: [expect.stringMatching(said)] });

    await rm(folder, { recursive: true, force: true });
    await writeFiles(folder, smallLibrary);
    await vi.waitFor(async () => expect((await searchPart(client)).state).toBe('up'), options);
    expect(await documents(app)).toBe(count);
  },
);

test('that a folder is empty for good is said with `prune`, and then its documents go', async () => {
  const folder = await folderOf(smallLibrary);
  const { app, client } = await connected();
  await app.library.ingest([folder], testCall());
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });

  const kept = await app.library.ingest([folder], testCall());
  const pruned = await app.library.ingest([folder], testCall(), { prune: true });

  expect(kept).toMatchObject({
    removed: 0,
    notes: [expect.stringMatching(/"docs\/" is empty .*were kept\. `hydrogen ingest FOLDER --prune`/)],
  });
  expect(pruned).toMatchObject({ removed: count, notes: [] });
  expect(await searchPart(client)).toMatchObject({ state: 'up' });
});

test('of the folders that are empty, those that were named are told apart', async () => {
  const [one, other] = [await folderOf(smallLibrary), await folderOf(smallLibrary)];
  const { app } = await connected();
  await app.library.ingest([one, other], testCall());
  for (const folder of [one, other]) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  }
  await app.library.refresh(testCall());

  expect(await app.library.absences(testCall())).toHaveLength(2);
  expect(await app.library.absences(testCall(), [one])).toMatchObject([{ why: 'empty', documents: count }]);
  expect(await app.library.absences(testCall(), [join(one, 'inner')])).toEqual([]);
});

test('a file that was named alone stays while another folder is in place of its own', async () => {
  const folder = await folderOf(smallLibrary);
  const { app } = await connected();
  await app.library.ingest([join(folder, 'cost.txt')], testCall());
  await rename(folder, `${folder}-elsewhere`);
  await mkdir(folder);

  const report = await app.library.refresh(testCall());

  expect(report).toMatchObject({
    removed: 0,
    notes: [expect.stringMatching(/"docs\/cost\.txt" is missing/)],
  });
  expect(await documents(app)).toBe(1);
});

test('what tells a folder apart is only used when its files are gone: a copy in its place is read as it is', async () => {
  const folder = await folderOf(smallLibrary);
  const { app } = await connected();
  await app.library.ingest([folder], testCall());
  await rename(folder, `${folder}-elsewhere`);
  const { 'cost.txt': _left, ...others } = smallLibrary;
  await writeFiles(folder, others);

  expect(await app.library.refresh(testCall())).toMatchObject({ removed: 1, notes: [] });
});
