import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SearchHit } from '../../../src/library/types.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { openLibrary } from '../support.ts';

const filler = (length: number): string => 'Other things follow here. '.repeat(length);
const paragraph = (what: string, length = 30): string => `The valve of the ${what}. ${filler(length)}`;

/** Passages of 900 characters under headings of their own, each with the word "valve". */
const sections = (n: number): string =>
  Array.from({ length: n }, (_, i) => `## Part ${i}\n\nThe valve ${i}. ${filler(35)}`).join('\n\n');

async function hitsFor(
  files: Readonly<Record<string, string>>,
  limit: number,
  query = 'valve',
): Promise<readonly SearchHit[]> {
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const library = await openLibrary();
  await library.ingest([folder], testCall());
  const { hits } = await library.search({ query, mode: 'keyword', limit }, testCall());
  return hits;
}

const documentsOf = (hits: readonly SearchHit[]): string[] =>
  hits.map(({ document }) => document.replace('docs/', ''));

test('passages are in order of their score, whatever document they are of', async () => {
  const files = { 'a.md': sections(8), 'b.md': 'A valve somewhere in a text of other things.' };
  const hits = await hitsFor(files, 4);
  expect(documentsOf(hits)).toEqual(['b.md', 'a.md', 'a.md', 'a.md']);
  expect(hits.map(({ more }) => more)).toEqual([0, 0, 0, 5]);
});

test('the first three places are for three documents where their passages are nearly as good', async () => {
  const files = { 'a.md': sections(3), 'b.md': paragraph('boat', 42), 'c.md': paragraph('car', 44) };
  const hits = await hitsFor(files, 5);
  expect(documentsOf(hits)).toEqual(['a.md', 'b.md', 'c.md', 'a.md', 'a.md']);
});

test('a document may have the first three places where no other is nearly as good', async () => {
  const files = {
    'a.md': sections(3).replaceAll('The valve', 'The valve of the pump'),
    'b.md': paragraph('boat'),
  };
  const hits = await hitsFor(files, 4, 'pump valve');
  expect(documentsOf(hits)).toEqual(['a.md', 'a.md', 'a.md', 'b.md']);
});

test('neighbours under one heading are one longer passage, with the lines of both', async () => {
  const [hit, ...others] = await hitsFor(
    { 'a.md': `# Pumps\n\n${paragraph('pump')}\n\n${paragraph('pipe')}\n` },
    3,
  );
  expect(others).toEqual([]);
  expect(hit?.lines).toEqual([3, 5]);
  expect(hit?.text).toMatch(/^The valve of the pump\.[\s\S]*\n\nThe valve of the pipe\./);
});

test('parts of a table that follow each other have its header once', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `| ${i} | valve of the plant in the north |`);
  const [hit] = await hitsFor({ 'a.md': ['| No | What |', '| --- | --- |', ...rows].join('\n') }, 1);
  expect(hit?.text.match(/No \| What/g)).toHaveLength(1);
  expect(hit?.text.split('\n')).toHaveLength((hit?.lines[1] ?? 0) - (hit?.lines[0] ?? 0) + 1);
});

test('passages of different headings stay apart', async () => {
  expect(await hitsFor({ 'a.md': sections(2) }, 3)).toHaveLength(2);
});
