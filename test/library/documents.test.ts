import { expect, test } from 'vitest';
import { testCall } from '../support/call.ts';
import { folderOf, openLibrary, sharedWordsOnly, smallLibrary } from './support.ts';

const emptied = sharedWordsOnly();

test('a document is read in whole lines from any line', async () => {
  const library = await emptied();
  await library.ingest([await folderOf({ 'a.txt': 'one\r\ntwo\rthree\nfour\n' })], testCall());

  const part = await library.get('docs/a.txt', { from: 2, maxBytes: 10 }, testCall());

  expect(part).toMatchObject({ text: 'two\nthree', from: 2, to: 3, total: 4 });
});

test('a line that is longer than the limit comes whole', async () => {
  const library = await emptied();
  await library.ingest([await folderOf({ 'a.txt': `${'x'.repeat(100)}\nshort` })], testCall());

  expect(await library.get('docs/a.txt', { from: 1, maxBytes: 10 }, testCall())).toMatchObject({
    to: 1,
    total: 2,
  });
});

test('a line beyond the end is refused with how many there are', async () => {
  const library = await emptied();
  await library.ingest([await folderOf({ 'a.txt': 'one\ntwo' })], testCall());

  await expect(library.get('docs/a.txt', { from: 3, maxBytes: 10 }, testCall())).rejects.toThrow(
    /has 2 lines/,
  );
});

test('a document that does not exist is an error that offers the near ids', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(smallLibrary)], testCall());

  await expect(library.get('docs/safty.md', { from: 1, maxBytes: 10 }, testCall())).rejects.toMatchObject({
    code: 'not_found',
    message: 'There is no document "docs/safty.md". Did you mean "docs/safety.md"?',
    suggestions: ['docs/safety.md'],
  });
});

test('front matter is metadata, and its title the title', async () => {
  const library = await emptied();
  const page =
    '---\ntitle: Leak tests\nreviewed: 2026-03-01\ntags: [safety, tests]\n---\n# Testing\n\nText.\n';
  await library.ingest([await folderOf({ 'a.md': page })], testCall());

  const { documents } = await library.list({ limit: 10 }, testCall());

  expect(documents[0]).toMatchObject({
    title: 'Leak tests',
    metadata: { reviewed: '2026-03-01', tags: ['safety', 'tests'] },
    lines: 8,
  });
});

test('documents are listed in order of id, in pages', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(smallLibrary)], testCall());

  const first = await library.list({ limit: 2 }, testCall());
  const rest = await library.list({ limit: 2, after: first.documents[1]?.id ?? '' }, testCall());

  expect(first).toMatchObject({ total: 3, more: true });
  expect(rest).toMatchObject({ more: false, documents: [{ id: 'docs/storage.md' }] });
});

test('an inline document is found by its words at once and by its meaning soon', async () => {
  const library = await openLibrary();
  const text = 'The ferry is refuelled at night from a trailer.';
  const entry = await library.add(
    { name: 'notes/ferry', text, type: 'text', metadata: { by: 'Ana' } },
    testCall(),
  );

  expect(entry).toMatchObject({ id: 'inline/notes/ferry', metadata: { by: 'Ana' }, chunks: 1 });
  const { hits } = await library.search({ query: 'trailer', limit: 1, mode: 'keyword' }, testCall());
  expect(hits[0]?.document).toBe('inline/notes/ferry');
  await expect.poll(async () => (await library.status(testCall())).embedded, { timeout: 60_000 }).toBe(1);
});

test('an inline document of the same name is replaced', async () => {
  const library = await emptied();
  await library.add({ name: 'a', title: 'Old', text: 'blue', type: 'text', metadata: {} }, testCall());
  await library.add({ name: 'a', title: 'New', text: 'green', type: 'text', metadata: {} }, testCall());

  const { documents } = await library.list({ limit: 10 }, testCall());
  const { hits } = await library.search({ query: 'blue', limit: 5, mode: 'keyword' }, testCall());

  expect(documents.map(({ title }) => title)).toEqual(['New']);
  expect(hits).toEqual([]);
});

test.each(['', '..', '../up', 'a//b', 'a\\b', 'line\nbreak', 'x'.repeat(201)])(
  'the inline name %j is refused',
  async (name) => {
    const library = await emptied();

    await expect(
      library.add({ name, text: 'text', type: 'text', metadata: {} }, testCall()),
    ).rejects.toMatchObject({ code: 'bad_input' });
  },
);

test('a removed document is gone, and removing it again is an error', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(smallLibrary)], testCall());

  expect(await library.remove('docs/cost.txt', testCall())).toMatchObject({ id: 'docs/cost.txt', chunks: 1 });
  await expect(library.remove('docs/cost.txt', testCall())).rejects.toMatchObject({ code: 'not_found' });
});

test('the text stays readable after its file is gone', async () => {
  const { rm } = await import('node:fs/promises');
  const library = await emptied();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());
  await rm(folder, { recursive: true });

  const { text } = await library.get('docs/cost.txt', { from: 1, maxBytes: 1000 }, testCall());

  expect(text).toBe('Electricity makes up most of the cost of electrolysis.');
});
