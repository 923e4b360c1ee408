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
    else if (process.env['SHOW']) console.log(language, mode, question, hits[0]?.text);
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
