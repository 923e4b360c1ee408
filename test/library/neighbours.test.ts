import { expect, test } from 'vitest';
import { testCall } from '../support/call.ts';
import { folderOf, openLibrary, smallLibrary, wordsOnly } from './support.ts';

const more = {
  ...smallLibrary,
  'alarms.md': '# Alarms\n\nA detector below the roof warns when gas leaks out of a valve.\n',
  'price.txt': 'The price of power decides what hydrogen from electrolysis costs.',
};

test('the documents that resemble one are found by meaning, without itself', async () => {
  const library = await openLibrary();
  await library.ingest([await folderOf(more)], testCall());

  const similar = await library.similar('docs/safety.md', { limit: 2 }, testCall());

  expect(similar[0]).toMatchObject({ document: 'docs/alarms.md', title: 'Alarms', lines: [3, 3] });
  expect(similar.map(({ document }) => document)).not.toContain('docs/safety.md');
});

test('similar documents of one that is not there, or has no vector, is an error with what to do', async () => {
  const library = await wordsOnly();
  await library.ingest([await folderOf(smallLibrary)], testCall());

  await expect(library.similar('docs/safty.md', { limit: 2 }, testCall())).rejects.toThrow(
    /"docs\/safety.md"/,
  );
  await expect(library.similar('docs/safety.md', { limit: 2 }, testCall())).rejects.toThrow(/no vector yet/);
});

test('sources are listed with what is in them, and removed with it', async () => {
  const library = await wordsOnly();
  await library.ingest(
    [await folderOf(smallLibrary), await folderOf({ 'a.md': 'Text.' }, 'other')],
    testCall(),
  );
  await library.add({ name: 'note', text: 'Text.', type: 'text', metadata: {} }, testCall());

  expect(await library.sources(testCall())).toMatchObject([
    { name: 'docs', kind: 'files', documents: 3, chunks: 4, embedded: 0 },
    { name: 'inline', kind: 'inline', documents: 1 },
    { name: 'other', kind: 'files', documents: 1 },
  ]);
  expect(await library.removeSource('docs', testCall())).toBe(3);

  expect((await library.sources(testCall())).map(({ name }) => name)).toEqual(['inline', 'other']);
  await expect(library.removeSource('othr', testCall())).rejects.toThrow(/no source "othr".*"other"/);
});
