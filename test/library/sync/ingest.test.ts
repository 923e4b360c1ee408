import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { Progress } from '../../../src/call.ts';
import type { Library } from '../../../src/library/types.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { xlsx } from '../../support/files/office.ts';
import { pdf } from '../../support/files/pdf.ts';
import { linkFolder } from '../../support/links.ts';
import { modesHold, posix } from '../../support/platform.ts';
import { rest } from '../../support/rest.ts';
import { folderOf, openLibrary, sharedWordsOnly, smallLibrary, wordsOnly, writeFiles } from '../support.ts';

const emptied = sharedWordsOnly();

async function ids(library: Library): Promise<string[]> {
  const { documents } = await library.list({ limit: 100 }, testCall());
  return documents.map(({ id }) => id);
}

test('a folder becomes documents whose ids are its name and the path below it', async () => {
  const library = await emptied();
  const folder = await folderOf({ ...smallLibrary, 'more/deep/page.md': '# Deep\n\nText.' }, 'handbook');

  const report = await library.ingest([folder], testCall());

  expect(report).toMatchObject({ added: 4, changed: 0, unchanged: 0, removed: 0, skipped: [] });
  expect(await ids(library)).toEqual([
    'handbook/cost.txt',
    'handbook/more/deep/page.md',
    'handbook/safety.md',
    'handbook/storage.md',
  ]);
});

test('every passage has a vector when an ingest returns', async () => {
  const library = await openLibrary();

  const report = await library.ingest([await folderOf(smallLibrary)], testCall());

  expect(report.embedded).toBe(report.chunks);
});

test('files that have not changed are not read again', async () => {
  const library = await emptied();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());

  const again = await library.ingest([folder], testCall());

  expect(again).toMatchObject({ added: 0, changed: 0, unchanged: 3, embedded: 0 });
});

test('a file with a new time but the same content is unchanged', async () => {
  const library = await emptied();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());
  await utimes(join(folder, 'cost.txt'), new Date(), new Date(2020, 1, 1));

  expect(await library.ingest([folder], testCall())).toMatchObject({ changed: 0, unchanged: 3 });
});

test('of a changed file only the passages that differ are embedded again', async () => {
  const library = await openLibrary();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());
  await appendFile(
    join(folder, 'storage.md'),
    '\n## Tanks\n\nLiquid hydrogen is kept in vacuum-insulated tanks.\n',
  );

  const report = await library.ingest([folder], testCall());

  expect(report).toMatchObject({ changed: 1, unchanged: 2, embedded: 1 });
});

test('a change within the same second and of the same size is noticed', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'note.txt': 'The valve is open.' });
  await library.ingest([folder], testCall());
  await writeFile(join(folder, 'note.txt'), 'The valve is shut.');

  await library.ingest([folder], testCall());

  const { text } = await library.get('docs/note.txt', { from: 1, maxBytes: 100 }, testCall());
  expect(text).toBe('The valve is shut.');
});

test('a file that changes between being looked at and being read is known as it is then', async () => {
  const directory = await temporaryDirectory();
  const library = await wordsOnly({ directory });
  const folder = await folderOf({ 'note.txt': 'The valve is open.' });
  const file = join(folder, 'note.txt');
  const progress = (): void => writeFileSync(file, 'The valve is shut by now.');

  await library.ingest([folder], testCall({ progress }));
  await library.ingest([folder], testCall());

  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  onTestFinished(() => db.close());
  expect(db.prepare('SELECT size FROM index_documents').get()).toEqual({ size: 25 });
});

test('a file that is gone disappears with the next ingest of its folder', async () => {
  const library = await emptied();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());
  await rm(join(folder, 'safety.md'));

  expect(await library.ingest([folder], testCall())).toMatchObject({ removed: 1, unchanged: 2 });
  expect(await ids(library)).toEqual(['docs/cost.txt', 'docs/storage.md']);
});

test('ingesting a single file removes nothing, and it keeps the id it has in its folder', async () => {
  const library = await emptied();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());
  await rm(join(folder, 'safety.md'));

  const report = await library.ingest([join(folder, 'cost.txt')], testCall());

  expect(report).toMatchObject({ added: 0, removed: 0, unchanged: 1 });
  expect(await ids(library)).toHaveLength(3);
});

test('ingesting a folder inside one that is known removes only below it', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'a.md': '# A', 'sub/b.md': '# B', 'sub/c.md': '# C' });
  await library.ingest([folder], testCall());
  await rm(join(folder, 'a.md'));
  await rm(join(folder, 'sub/b.md'));

  expect(await library.ingest([join(folder, 'sub')], testCall())).toMatchObject({ removed: 1 });
  expect(await ids(library)).toEqual(['docs/a.md', 'docs/sub/c.md']);
});

test('a file reached through a wider folder later is still one document', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'sub/b.md': '# B\n\nText.' });
  await library.ingest([join(folder, 'sub')], testCall());

  await library.ingest([folder], testCall());

  expect(await ids(library)).toEqual(['sub/b.md']);
});

test('two folders of the same name get different ids', async () => {
  const library = await emptied();

  await library.ingest([await folderOf({ 'x.md': '# X' }), await folderOf({ 'x.md': '# Y' })], testCall());

  expect(await ids(library)).toEqual(['docs-2/x.md', 'docs/x.md']);
});

test('a renamed file is the old one gone and a new one', async () => {
  const library = await emptied();
  const folder = await folderOf(smallLibrary);
  await library.ingest([folder], testCall());
  await rename(join(folder, 'cost.txt'), join(folder, 'price.txt'));

  expect(await library.ingest([folder], testCall())).toMatchObject({ added: 1, removed: 1 });
});

test('a path that does not exist is an error that names it as it was given', async () => {
  const library = await emptied();

  await expect(library.ingest(['./no-such-folder'], testCall())).rejects.toThrow(
    `There is no file or folder "./no-such-folder". Check the path: a relative one begins in ${process.cwd()}.`,
  );
});

test.each([
  ['a picture called .txt', { 'photo.txt': new Uint8Array([0x89, 0x50, 0, 1, 2]) }, /not text/],
  ['text with NUL characters', { 'odd.txt': 'a\0b' }, /NUL characters/],
  ['an unknown kind of file', { 'program.exe': 'MZ' }, /not a supported file type/],
  ['an old workbook', { 'Plan.XLS': 'x' }, /not a supported file type: save it as \.xlsx/],
  ['JSON that is not', { 'broken.json': '{"a":' }, /not valid JSON/],
  ['a file of bad lines', { 'broken.jsonl': 'a\n{"a":' }, /2 lines are not valid JSON \(1, 2\)/],
  ['a hidden folder', { '.git/page.md': '# Page' }, /hidden folder/],
  ['packages', { 'node_modules/x/readme.md': '# X' }, /package folder/],
])('%s is skipped with the reason', async (_what, files, reason) => {
  const library = await emptied();

  const { added, skipped } = await library.ingest([await folderOf(files)], testCall());

  expect(added).toBe(0);
  expect(skipped).toEqual([
    { path: expect.stringMatching(/^docs\//), reason: expect.stringMatching(reason) },
  ]);
});

test('of JSON lines, bad ones are left out, and the report says which', async () => {
  const library = await emptied();
  const lines = ['{"city":"Oslo"}', '{"city":', '{"city":"Rome"}'];

  const { added, notes } = await library.ingest(
    [await folderOf({ 'cities.jsonl': lines.join('\n') })],
    testCall(),
  );

  expect({ added, notes }).toEqual({
    added: 1,
    notes: ['docs/cities.jsonl: line 2 is not valid JSON: skipped.'],
  });
});

test('a file over the limit is skipped with its size', async () => {
  const library = await wordsOnly({ files: { maxFileBytes: 1_000_000 } });

  const { skipped } = await library.ingest(
    [await folderOf({ 'big.txt': 'word '.repeat(300_000) })],
    testCall(),
  );

  expect(skipped).toEqual([{ path: 'docs/big.txt', reason: 'too large (1.5 MB; the limit is 1.0 MB)' }]);
});

test('a document that is no longer text leaves the index', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'a.txt': 'Some text.' });
  await library.ingest([folder], testCall());
  await writeFile(join(folder, 'a.txt'), new Uint8Array([0xff, 0, 0xff]));

  expect(await library.ingest([folder], testCall())).toMatchObject({ removed: 1 });
});

test('links of folders, which on Windows any user may make (junctions), are not followed', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'a.md': '# A' });
  const outside = await folderOf({ 'secret.md': '# Secret' }, 'outside');
  await linkFolder(folder, join(folder, 'loop'));
  await linkFolder(outside, join(folder, 'elsewhere'));

  const { added, skipped } = await library.ingest([folder], testCall());

  expect(added).toBe(1);
  expect(skipped.map(({ path }) => path)).toEqual(['docs/elsewhere', 'docs/loop']);
});

test.runIf(posix('symbolic links that any user may make'))(
  'links are not followed: no loop, nothing from outside',
  async () => {
    const library = await emptied();
    const folder = await folderOf({ 'a.md': '# A' });
    const outside = await folderOf({ 'secret.md': '# Secret' }, 'outside');
    await symlink(folder, join(folder, 'loop'));
    await symlink(outside, join(folder, 'elsewhere'));
    await symlink(join(outside, 'secret.md'), join(folder, 'secret.md'));

    const { added, skipped } = await library.ingest([folder], testCall());

    expect(added).toBe(1);
    expect(skipped.map(({ path }) => path)).toEqual(['docs/elsewhere', 'docs/loop', 'docs/secret.md']);
    expect(skipped[0]?.reason).toMatch(/a link/);
  },
);

test.runIf(posix('named pipes'))('a named pipe does not hold up the ingest', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'a.md': '# A' });
  execFileSync('mkfifo', [join(folder, 'pipe.txt')]);

  const { skipped } = await library.ingest([folder], testCall());

  expect(skipped).toEqual([{ path: 'docs/pipe.txt', reason: 'a named pipe, not a file' }]);
});

test('the document of a file that iCloud has taken from this machine stays in the index', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'a.md': '# A\n\nText.', 'b.md': '# B' });
  await library.ingest([folder], testCall());
  await rename(join(folder, 'a.md'), join(folder, '.a.md.icloud'));

  const report = await library.ingest([folder], testCall());

  expect(report).toMatchObject({
    removed: 0,
    skipped: [{ path: 'docs/a.md', reason: expect.stringMatching(/only in iCloud/) }],
  });
  expect(await ids(library)).toEqual(['docs/a.md', 'docs/b.md']);
});

test.runIf(modesHold())('what cannot be read this time stays in the index', async () => {
  const library = await emptied();
  const folder = await folderOf({ 'sub/a.md': '# A\n\nText.' });
  await library.ingest([folder], testCall());
  await chmod(join(folder, 'sub'), 0);

  const report = await library.ingest([folder], testCall());
  await chmod(join(folder, 'sub'), 0o700);

  expect(report).toMatchObject({
    removed: 0,
    skipped: [{ reason: expect.stringMatching(/permission denied/) }],
  });
});

test('a file that is known by its name without an ending is read by its own path, too', async () => {
  const library = await openLibrary();
  const folder = await folderOf({ README: 'How the tank is cleaned.' });
  expect(await library.ingest([join(folder, 'README')], testCall())).toMatchObject({ added: 1, skipped: [] });
});

test('one progress for files and passages rises to 100 %', async () => {
  const library = await openLibrary();
  const seen: Progress[] = [];
  const folder = await folderOf(smallLibrary);

  await library.ingest([folder], testCall({ progress: (progress) => seen.push(progress) }));

  const done = seen.map((progress) => progress.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(seen[0]).toMatchObject({ done: 0, total: 100, unit: '%', message: 'file 1 of 3: cost.txt' });
  expect(seen.at(-1)).toMatchObject({ done: 100, total: 100, message: 'embedding, 4 of 4 passages' });
});

test('a cancelled ingest stops, leaves the processor idle, keeps what it has read, and can be repeated', async () => {
  const library = await openLibrary();
  const page = await readFile('samples/documents/safety.md', 'utf8');
  const files = Object.fromEntries(
    Array.from({ length: 24 }, (_, i) => [`page-${i}.md`, page.replaceAll('. ', `. (${i}) `)]),
  );
  const folder = await folderOf(files);
  const controller = new AbortController();
  const progress = ({ message = '' }: Progress): void => {
    if (message.startsWith('embedding, 64')) controller.abort();
  };

  await expect(
    library.ingest(
      [folder],
      testCall({ signal: controller.signal, progress, deadline: Date.now() + 60_000 }),
    ),
  ).rejects.toMatchObject({ code: 'cancelled' });

  const { documents, embedded, chunks } = await library.status(testCall());
  expect(documents).toBe(24);
  expect(embedded).toBeLessThan(chunks);
  await rest();
  const again = await library.ingest([folder], testCall({ deadline: Date.now() + 60_000 }));
  expect(again).toMatchObject({ unchanged: 24, pending: 0 });
  expect(again.embedded).toBe(chunks - embedded);
});

test('an ingest of many files in several batches finds every one of them', async () => {
  const library = await emptied();
  const folder = await temporaryDirectory();
  const words = Array.from({ length: 300 }, (_, i) => `wort${i.toString(36)}x`);
  await mkdir(join(folder, 'many'));
  await writeFiles(
    join(folder, 'many'),
    Object.fromEntries(
      words.map((word, i) => [`${i}.md`, `# ${word}\n\n## One\n\n${word}\n\n## Two\n\n${word} again`]),
    ),
  );

  await library.ingest([join(folder, 'many')], testCall({ deadline: Date.now() + 30_000 }));

  for (const [i, word] of [...words.entries()].filter((_, n) => n % 37 === 0)) {
    const { hits } = await library.search({ query: word, limit: 1, mode: 'keyword' }, testCall());
    expect(hits[0]?.document).toBe(`many/${i}.md`);
  }
});

test('a passage of a PDF is cited by its page, and one of a sheet by its rows', async () => {
  const library = await emptied();
  const folder = await folderOf({
    'plant.pdf': pdf([
      [{ text: 'Valves are shut by hand.', y: 700 }],
      [{ text: 'Compressors run at night.', y: 700 }],
    ]),
    'prices.xlsx': xlsx({
      May: [
        ['route', 'cost'],
        ['reforming', 1.2],
      ],
    }),
  });
  await library.ingest([folder], testCall());

  const find = async (query: string) =>
    (await library.search({ query, limit: 1, mode: 'keyword' }, testCall())).hits[0];

  expect(await find('compressors')).toMatchObject({ document: 'docs/plant.pdf', place: { page: 2 } });
  expect(await find('reforming')).toMatchObject({
    document: 'docs/prices.xlsx',
    place: { sheet: 'May', rows: [2, 2] },
  });
});

test('files without text are in the library, counted and named', async () => {
  const library = await emptied();
  const { added, notes } = await library.ingest(
    [await folderOf({ 'a.md': '', 'b.txt': ' \n', 'c.md': 'text' })],
    testCall(),
  );
  expect({ added, notes }).toEqual({ added: 3, notes: ['2 files are empty: docs/a.md, docs/b.txt.'] });
});
