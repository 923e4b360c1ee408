import { describe, expect, test } from 'vitest';
import { inAnySpelling, spellingsOf } from '../../src/library/spellings.ts';
import type { Library } from '../../src/library/types.ts';
import { testCall } from '../support/call.ts';
import { folderOf, sharedWordsOnly } from './support.ts';

const emptied = sharedWordsOnly();

const composed = 'caf\u00e9';
const decomposed = 'cafe\u0301';

test.each(['docs/a.md', 'docs/日本.md', 'docs/ß.md'])('%s has one spelling', (id) => {
  expect(spellingsOf(id)).toEqual([]);
});

test('all of a deep path may be in the other form', () => {
  const id = `docs/${['가', '나', '다', '라', '마', '바'].join('/')}.md`;
  expect(spellingsOf(id.normalize('NFC'))).toContain(id.normalize('NFD'));
  expect(spellingsOf(id.normalize('NFD'))).toContain(id.normalize('NFC'));
});

test('a text longer than any path is looked for as it is', () => {
  expect(spellingsOf('\u00e9/'.repeat(5_000))).toEqual([]);
});

/** A library with a folder whose names are from a Mac, in a folder whose name is not. */
async function withFiles(): Promise<Library> {
  const library = await emptied();
  await library.ingest(
    [await folderOf({ [`${composed}/${decomposed}.md`]: '# Coffee\n\nbeans', 'plain/a.md': '# A\n\ntea' })],
    testCall(),
  );
  return inAnySpelling(library);
}

const read = async (library: Library, id: string): Promise<string> =>
  (await library.get(id, { maxBytes: 1_000 }, testCall())).entry.id;

describe('a document is found', () => {
  const id = `docs/${composed}/${decomposed}.md`;

  test.each([
    ['as it is', id],
    ['with composed letters', id.normalize('NFC')],
    ['with decomposed letters', id.normalize('NFD')],
    ['with "\\"', id.normalize('NFC').replaceAll('/', '\\')],
  ])('by its id %s', async (_, given) => {
    expect(await read(await withFiles(), given)).toBe(id);
  });

  test('by an id with "\\" and no other letters', async () => {
    expect(await read(await withFiles(), 'docs\\plain\\a.md')).toBe('docs/plain/a.md');
  });

  test('in a list and a search within its folder', async () => {
    const library = await withFiles();
    const within = `docs\\${decomposed}`;
    const listed = await library.list({ within, limit: 10 }, testCall());
    const found = await library.search({ query: 'beans', within, limit: 5, mode: 'keyword' }, testCall());

    expect(listed.documents.map((document) => document.id)).toEqual([id]);
    expect(found.hits.map(({ document }) => document)).toEqual([id]);
  });

  test('to be removed', async () => {
    expect(await (await withFiles()).remove(id.normalize('NFC'), testCall())).toMatchObject({ id });
  });
});

test('what is there in both forms is found as it is written', async () => {
  const library = inAnySpelling(await emptied());
  const folder = await folderOf({ [`${composed}.md`]: 'one' });
  await library.ingest([folder, await folderOf({ [`${decomposed}.md`]: 'two' }, 'more')], testCall());

  expect(await read(library, `docs/${composed}.md`)).toBe(`docs/${composed}.md`);
  expect(await read(library, `more/${decomposed}.md`)).toBe(`more/${decomposed}.md`);
});

test('what is nowhere is named as it was written', async () => {
  const id = `docs/${decomposed}.md`;
  await expect(read(await withFiles(), id)).rejects.toThrow(`There is no document "${id}"`);
});

test('text that is added under the other form of a name replaces what has it', async () => {
  const library = inAnySpelling(await emptied());
  const add = (name: string) => library.add({ name, text: name, type: 'markdown', metadata: {} }, testCall());
  await add(composed);

  expect((await add(decomposed)).id).toBe(`inline/${composed}`);
});
