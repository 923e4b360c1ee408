import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { openLibrary } from '../support.ts';

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryDirectory();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

test.each([
  ['the name of its file', 'quokka'],
  ['a part of the name', '2024-017'],
  ['its tags', 'zebratag'],
  ['its author', 'Lovelace'],
])('a document is found by %s', async (_what, query) => {
  const library = await openLibrary();
  const text = '---\ntitle: Bill\ntags: [zebratag]\nauthor: Ada Lovelace\n---\n\nThe pump was repaired.\n';
  const folder = await folderWith({
    'invoice_2024-017_Quokka.md': text,
    'other.md': 'The valve was closed.\n',
  });
  await library.ingest([folder], testCall());
  const { hits } = await library.search({ query, mode: 'keyword', limit: 5 }, testCall());
  expect(hits.map(({ document }) => document.split('/').at(-1))).toEqual(['invoice_2024-017_Quokka.md']);
});

test('a changed tag is found, and the old one is not, though the text stays the same', async () => {
  const library = await openLibrary();
  const page = (tag: string): string => `---\ntitle: Bill\ntags: [${tag}]\n---\n\nThe pump was repaired.\n`;
  const folder = await folderWith({ 'a.md': page('before') });
  await library.ingest([folder], testCall());
  await rm(join(folder, 'a.md'));
  await writeFile(join(folder, 'a.md'), page('afterwards'));
  await library.ingest([folder], testCall());
  const found = async (query: string): Promise<number> =>
    (await library.search({ query, mode: 'keyword', limit: 5 }, testCall())).hits.length;
  expect([await found('before'), await found('afterwards'), await found('pump')]).toEqual([0, 1, 1]);
});

test.each([
  [
    'front matter with a title',
    'minutes.md',
    '---\ntitle: Annual inspection of the crane\n---\n',
    'crane inspections',
  ],
  ['front matter with tags alone', 'x1.md', '---\ntags: [lifting]\n---\n', 'lifting'],
  ['a page with a title and no body', 'p.html', '<title>Annual inspection of the crane</title>', 'crane'],
])('a document that is %s is found by it', async (_what, name, text, query) => {
  const library = await openLibrary();
  await library.ingest([await folderWith({ [name]: text })], testCall());
  const { hits } = await library.search({ query, mode: 'keyword', limit: 5 }, testCall());
  expect(hits.map(({ document }) => document.split('/').at(-1))).toEqual([name]);
});
