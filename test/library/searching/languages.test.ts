import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { Library, SearchMode } from '../../../src/library/types.ts';
import { testCall } from '../../support/call.ts';
import { openLibrary } from '../support.ts';

// For each language forty short texts of one topic, some with a question, half of them in forms that the text does not use.
const folder = new URL('./languages/', import.meta.url);
const names = readdirSync(folder).map((file) => basename(file, '.jsonl'));

interface Line {
  readonly text: string;
  readonly question?: string;
}

const linesOf = (name: string): Line[] =>
  readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

async function libraryIn(language: string): Promise<Library> {
  const library = await openLibrary();
  for (const [i, { text }] of linesOf(language).entries()) {
    await library.add({ name: `${language}-${i}`, text, type: 'text', metadata: {} }, testCall());
  }
  return library;
}

/** The questions whose first passage is that of the right text. */
async function right(library: Library, language: string, mode: SearchMode): Promise<string[]> {
  const found: string[] = [];
  for (const [i, { question }] of linesOf(language).entries()) {
    if (question === undefined) continue;
    const { hits } = await library.search({ query: question, limit: 1, mode }, testCall());
    if (hits[0]?.document === `inline/${language}-${i}`) found.push(question);
  }
  return found;
}

test.each(names)(
  '%s: words find the text of nine questions of ten, in whatever form they ask',
  async (language) => {
    const library = await libraryIn(language);
    const asked = linesOf(language).filter(({ question }) => question !== undefined);
    const found = await right(library, language, 'keyword');
    expect(found.length).toBeGreaterThanOrEqual(Math.ceil(0.9 * asked.length));
  },
);

test.each(names)(
  '%s: meaning costs no more than one of the questions that words answer',
  async (language) => {
    const library = await libraryIn(language);
    await library.reindex(testCall());
    const [byWords, both] = [
      await right(library, language, 'keyword'),
      await right(library, language, 'hybrid'),
    ];
    expect(both.length).toBeGreaterThanOrEqual(byWords.length - 1);
  },
);

test('a question in a script that the model does not know is answered by words alone, and the answer says so', async () => {
  const library = await libraryIn('ja');
  await library.reindex(testCall());
  const { mode, notes } = await library.search({ query: '水素の貯蔵', limit: 3, mode: 'hybrid' }, testCall());
  expect(mode).toBe('keyword');
  expect(notes).toEqual([expect.stringMatching(/does not know the script of the question/)]);
});
