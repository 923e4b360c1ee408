import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Library } from '../../../src/library/types.ts';
import { testCall } from '../../support/call.ts';
import { posix } from '../../support/platform.ts';
import { folderOf, sharedWordsOnly, wordsOnly, writeFiles } from '../support.ts';

const emptied = sharedWordsOnly();

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
  const library = await emptied();
  await library.ingest([join(folder, 'a.md')], testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.md']);
});

test('a named file that has changed is read again, and one that is gone disappears', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([join(folder, 'a.md'), join(folder, 'b.md')], testCall());
  await writeFiles(folder, { 'a.md': '# A\n\nFive.\n' });
  await rm(join(folder, 'b.md'));

  const report = await library.refresh(testCall());

  expect(report).toMatchObject({ changed: 1, removed: 1 });
  expect(await ids(library)).toEqual(['docs/a.md']);
});

test('the patterns that were given for a folder go on to count', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([folder], testCall(), { include: ['*.md'] });
  await writeFiles(folder, { 'new.md': '# New\n\nSix.\n', 'new.txt': 'Seven.\n' });

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.md', 'docs/b.md', 'docs/new.md']);
});

test('a folder that is named again without patterns keeps them, and the report says so', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([folder], testCall(), { exclude: ['*.txt'] });

  const again = await library.ingest([folder], testCall());
  const kept = await ids(library);
  await library.ingest([folder], testCall(), { include: ['*'] });

  expect(again.notes).toEqual([
    'Read as before: nothing that matches *.txt. To read everything, include "*".',
  ]);
  expect(kept).toEqual(['docs/a.md', 'docs/b.md']);
  expect(await ids(library)).toEqual(['docs/a.md', 'docs/a.txt', 'docs/b.md', 'docs/deep/c.txt']);
});

test('a pattern that is refused changes nothing, also not the next time', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([folder], testCall(), { include: ['*.md'] });

  const refused = library.ingest([folder], testCall(), { include: [''] });

  await expect(refused).rejects.toMatchObject({ code: 'bad_input' });
  await library.refresh(testCall());
  expect(await ids(library)).toEqual(['docs/a.md', 'docs/b.md']);
});

test.each([
  ['.gitignore names it', { '.gitignore': 'a.txt\n' }, undefined],
  ['the settings leave it out', {}, ['*.md']],
])('a file that was named itself stays in the library although %s', async (_why, more, include) => {
  const folder = await folderOf({ ...files, ...more });
  const library = await wordsOnly({ files: { include: include ?? [] } });
  await library.ingest([folder], testCall());
  await library.ingest([join(folder, 'a.txt')], testCall());

  await library.refresh(testCall());
  await library.ingest([folder], testCall(), { include: ['b.md'] });

  expect(await ids(library)).toEqual(['docs/a.txt', 'docs/b.md']);
});

test('what was asked for a folder inside another one counts there, whichever of them is read', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([folder], testCall());
  await library.ingest([join(folder, 'deep')], testCall(), { include: ['*.md'] });
  const narrowed = await ids(library);

  await library.refresh(testCall());
  await library.ingest([folder], testCall());

  expect(narrowed).toEqual(['docs/a.md', 'docs/a.txt', 'docs/b.md']);
  expect(await ids(library)).toEqual(narrowed);
});

test.runIf(posix('symbolic links that any user may make'))(
  'a named file in whose place a link stands now is not followed to where it leads',
  async () => {
    const folder = await folderOf(files);
    const secret = await folderOf({ 's.md': '# Secret\n' }, 'secret');
    const library = await emptied();
    await library.ingest([join(folder, 'a.md'), join(folder, 'b.md')], testCall());
    await rm(join(folder, 'a.md'));
    await symlink(join(secret, 's.md'), join(folder, 'a.md'));

    await library.refresh(testCall());

    expect(await ids(library)).toEqual(['docs/b.md']);
  },
);

test('a named file that comes back is read again', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([join(folder, 'a.md')], testCall());
  await rm(join(folder, 'a.md'));
  await library.refresh(testCall());
  const without = await ids(library);
  await writeFiles(folder, { 'a.md': '# A\n\nAgain.\n' });

  await library.refresh(testCall());

  expect(without).toEqual([]);
  expect(await ids(library)).toEqual(['docs/a.md']);
});

test('what was named inside a folder stays, though the patterns of the folder leave it out', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([folder], testCall(), { include: ['*.md'] });
  await library.ingest([join(folder, 'deep'), join(folder, 'a.txt')], testCall());

  await library.ingest([folder], testCall(), { include: ['b.md'] });
  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/a.txt', 'docs/b.md', 'docs/deep/c.txt']);
});

test('a named file whose document was taken out is not read again', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([join(folder, 'a.md'), join(folder, 'b.md')], testCall());
  await library.remove('docs/a.md', testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['docs/b.md']);
});

test('a source that was taken out is not read again, but one inside it is', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([join(folder, 'deep')], testCall());
  await library.ingest([folder], testCall());
  await library.removeSource('docs', testCall());

  await library.refresh(testCall());

  expect(await ids(library)).toEqual(['deep/c.txt']);
});

test('patterns that no file matches are told of', async () => {
  const folder = await folderOf(files);
  const library = await emptied();

  const { notes } = await library.ingest([folder], testCall(), { include: ['*.pdf', '*.docx'] });

  expect(notes).toEqual(['No file in a folder of "docs/" matches *.pdf, *.docx.']);
});

test('what a folder passes over is not told of a file that was named itself', async () => {
  const folder = await folderOf({ ...files, '.hidden.md': '# Hidden\n', '.other.md': '# Other\n' });
  const library = await emptied();
  await library.ingest([folder, join(folder, '.hidden.md')], testCall());

  const { skipped } = await library.refresh(testCall());

  expect(skipped).toEqual([{ path: 'docs/.other.md', reason: 'hidden file' }]);
  expect(await ids(library)).toContain('docs/.hidden.md');
});

test('of a document that is taken out it is told whether the next reading brings it back', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([join(folder, 'deep'), join(folder, 'a.md')], testCall());

  expect(await library.remove('deep/c.txt', testCall())).toMatchObject({ comesBack: true });
  expect(await library.remove('docs/a.md', testCall())).toMatchObject({ comesBack: false });
});

test('a folder that is not there for a while keeps its documents, and the report says so', async () => {
  const folder = await folderOf(files);
  const library = await emptied();
  await library.ingest([folder], testCall());
  await rm(folder, { recursive: true });

  const report = await library.refresh(testCall());

  expect(report).toMatchObject({
    removed: 0,
    notes: ['The folder "docs/" is missing; its documents were kept. `hydrogen remove docs/` removes them.'],
  });
  expect(await ids(library)).toHaveLength(4);
});
