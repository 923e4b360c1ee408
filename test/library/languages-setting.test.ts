import { expect, test } from 'vitest';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { folderOf, openLibrary, openOn } from './support.ts';

const words = { embedding: { model: 'none' } } as const;
/** German by nothing that tells. */
const files = { 'plan.md': 'Pumpen warten. Ventile schmieren.\n', 'tank.md': 'Tank cleaning.\n' };

test('with one language in the settings, words are found in its inflections whatever a passage tells', async () => {
  const library = await openLibrary({ ...words, languages: ['de'] });
  await library.ingest([await folderOf(files)], testCall());
  const { hits } = await library.search({ query: 'Pumpe', limit: 1, mode: 'keyword' }, testCall());
  expect(hits[0]?.document).toBe('docs/plan.md');
});

test('files that were read before the setting was changed are read again, and the status says so before', async () => {
  const data = await temporaryDirectory();
  const folder = await folderOf(files);
  const first = openOn(data, words);
  await first.library.ingest([folder], testCall());
  await first.close();
  const library = await openLibrary({ ...words, directory: data, languages: ['de'] });
  const { mismatch } = await library.status(testCall());
  expect(mismatch).toMatch(/2 documents were read by another version/);
  expect(await library.ingest([folder], testCall())).toMatchObject({ changed: 2 });
  expect(await library.ingest([folder], testCall())).toMatchObject({ unchanged: 2 });
  expect((await library.status(testCall())).mismatch).toBeUndefined();
});
