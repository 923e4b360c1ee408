import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Library } from '../../src/library/types.ts';
import { testCall } from '../support/call.ts';
import { folderOf, wordsOnly, writeFiles } from './support.ts';

const files = {
  'a.md': '# A\n\nOne.\n',
  'a.txt': 'Two.\n',
  'b.md': '# B\n\nThree.\n',
  'deep/c.txt': 'Four.\n',
};

async function ids(library: Library): Promise<string[]> {
  const { documents } = await library.list({ limit: 100 }, testCall());
  return documents.map(({ id }) => id);
}

test('a file that was named alone brings nothing else of its folder into the library', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([join(folder, 'a.md')], testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.md']);
});

test('a named file that has changed is read again, and one that is gone disappears', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([join(folder, 'a.md'), join(folder, 'b.md')], testCall());
  await writeFiles(folder, { 'a.md': '# A\n\nFive.\n' });
  await rm(join(folder, 'b.md'));

  const report = await library.refresh(testCall());

  expect(report).toMatchObject({ changed: 1, removed: 1 });
  expect(await ids(library)).toEqual(['docs/a.md']);
});

test('the patterns that were given for a folder go on to count', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([folder], testCall(), { include: ['*.md'] });
  await writeFiles(folder, { 'new.md': '# New\n\nSix.\n', 'new.txt': 'Seven.\n' });

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.md', 'docs/b.md', 'docs/new.md']);
});

test('a folder that is named again without patterns is read whole', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([folder], testCall(), { exclude: ['*.txt'] });
  await library.ingest([folder], testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.md', 'docs/a.txt', 'docs/b.md', 'docs/deep/c.txt']);
});

test('what was named inside a folder stays, though the patterns of the folder leave it out', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([folder], testCall(), { include: ['*.md'] });
  await library.ingest([join(folder, 'deep'), join(folder, 'a.txt')], testCall());

  await library.ingest([folder], testCall(), { include: ['b.md'] });
  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.txt', 'docs/b.md', 'docs/deep/c.txt']);
});

test('a named file whose document was taken out is not read again', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([join(folder, 'a.md'), join(folder, 'b.md')], testCall());
  await library.remove('docs/a.md', testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/b.md']);
});

test('a source that was taken out is not read again, but one inside it is', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([join(folder, 'deep')], testCall());
  await library.ingest([folder], testCall());
  await library.removeSource('docs', testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['deep/c.txt']);
});

test('a folder that is not there for a while keeps its documents', async () => {
  const folder = await folderOf(files);
  const library = await wordsOnly();
  await library.ingest([folder], testCall());
  await rm(folder, { recursive: true });

  const report = await library.refresh(testCall());

  expect(report).toMatchObject({ removed: 0 });
  expect(await ids(library)).toHaveLength(4);
});
