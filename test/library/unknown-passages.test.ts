import { describe, expect, test } from 'vitest';
import type { Embedder } from '../../src/embeddings/types.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { folderOf, openLibrary, openOn } from './support.ts';

const files = {
  'tank.md': '# Tank\n\nHydrogen is kept in steel bottles at high pressure.\n',
  'ja.md': '岩塩空洞には百バールでガスを貯める。岩塩は割れ目を自ら塞ぐ。\n',
  'ka.md': 'წყალბადი ინახება ფოლადის ბოთლებში მაღალი წნევის ქვეშ.\n',
};

describe('passages in a script that the model does not know', () => {
  test('get no vector, which the report of the ingest says', async () => {
    const library = await openLibrary();
    const { embedded, pending, notes } = await library.ingest([await folderOf(files)], testCall());
    expect({ embedded, pending }).toEqual({ embedded: 1, pending: 0 });
    expect(notes).toEqual([
      expect.stringMatching(/^2 passages have no vector: the model does not know their writing\./),
    ]);
  });

  test('are counted by the status, and are not waited for', async () => {
    const library = await openLibrary();
    await library.ingest([await folderOf(files)], testCall());
    expect(await library.status(testCall())).toMatchObject({ chunks: 3, embedded: 1, unknown: 2 });
    const again = await library.reindex(testCall());
    expect(again).toMatchObject({ embedded: 0, pending: 0 });
  });

  test('are said once in an answer to have been searched by words alone', async () => {
    const library = await openLibrary();
    await library.ingest([await folderOf(files)], testCall());
    const { mode, notes, isProvisional } = await library.search(
      { query: 'steel bottles', limit: 3, mode: 'hybrid' },
      testCall(),
    );
    expect(mode).toBe('hybrid');
    expect(isProvisional).toBeUndefined();
    expect(notes).toEqual([
      expect.stringMatching(/^For 2 of 3 passages meaning was not used: the embedding model does not know/),
    ]);
  });

  test('are not said in each answer where they are few and none of them is shown', async () => {
    const library = await openLibrary();
    const known = Array.from({ length: 20 }, (_, i) => [
      `${i}.md`,
      `Steel bottle number ${i} hangs in hall ${i}.`,
    ]);
    await library.ingest(
      [await folderOf({ ...Object.fromEntries(known), 'ka.md': files['ka.md'] })],
      testCall(),
    );
    const notesOf = async (query: string) =>
      (await library.search({ query, limit: 3, mode: 'hybrid' }, testCall())).notes;
    expect(await notesOf('steel bottles')).toEqual([]);
    expect(await notesOf('which steel bottles hold წყალბადი')).toEqual([
      expect.stringMatching(/^For 1 of 21 passages/),
    ]);
  });

  test('are found by their words', async () => {
    const library = await openLibrary();
    await library.ingest([await folderOf(files)], testCall());
    const { hits } = await library.search({ query: 'წყალბადი', limit: 1, mode: 'hybrid' }, testCall());
    expect(hits[0]?.document).toBe('docs/ka.md');
  });

  test('get their vectors from another model that knows them, although none had one before', async () => {
    const data = await temporaryDirectory();
    const folder = await folderOf({ 'ja.md': files['ja.md'] });
    const first = openOn(data);
    await first.library.ingest([folder], testCall());
    await first.close();
    const space = { fingerprint: 'multilingual@1', dimensions: 4 };
    const multilingual: Embedder = {
      name: 'someone/multilingual',
      status: () => ({ state: 'ready' }),
      space: () => space,
      knows: () => true,
      ready: async () => space,
      embed: async (texts) => texts.map(() => Float32Array.from([1, 0, 0, 0])),
      warm() {},
      async close() {},
    };
    const library = await openLibrary({ directory: data, embedder: multilingual });
    expect(await library.reindex(testCall())).toMatchObject({ embedded: 1, pending: 0 });
    expect(await library.status(testCall())).toMatchObject({ embedded: 1, unknown: 0 });
  });
});
