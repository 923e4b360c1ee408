import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathFilter } from '../../../src/library/sync/files/file-selection.ts';
import { testCall } from '../../support/call.ts';
import { posix } from '../../support/platform.ts';
import { folderOf, sharedWordsOnly } from '../support.ts';

const emptied = sharedWordsOnly();

const takes = async (include: string[], exclude: string[], path: string): Promise<boolean> =>
  (await pathFilter({ include, exclude })).takes(path, 'no');

test.each([
  ['*.md', 'a/b/page.md', true],
  ['*.md', 'a/b/page.txt', false],
  ['reports/**', 'reports/2026/may.pdf', true],
  ['reports/**', 'old/reports/may.pdf', false],
  ['./reports/*.pdf', 'reports/may.pdf', true],
  ['reports/*.pdf', 'reports/2026/may.pdf', false],
  ['{a,b}*.txt', 'x/bean.txt', true],
])('the pattern %s for %s: %s', async (pattern, path, expected) => {
  expect(await takes([pattern], [], path)).toBe(expected);
});

test('what is excluded is left out although it is included', async () => {
  expect(await takes(['*.md'], ['draft*'], 'a/draft-1.md')).toBe(false);
});

test('an empty pattern is refused', async () => {
  await expect(takes([''], [], 'a.md')).rejects.toThrow(/not a path pattern/);
});

const files = {
  'a.md': '# A',
  'b.txt': 'B',
  'drafts/c.md': '# C',
  'reports/d.md': '# D',
};

async function documents(options: { include?: string[]; exclude?: string[] }) {
  const library = await emptied();
  const report = await library.ingest([await folderOf(files)], testCall(), options);
  const { documents: found } = await library.list({ limit: 100 }, testCall());
  return { ids: found.map(({ id }) => id), skipped: report.skipped };
}

test('an ingest reads what is included and not excluded; of the latter it tells', async () => {
  const { ids, skipped } = await documents({ include: ['*.md'], exclude: ['drafts'] });

  expect(ids).toEqual(['docs/a.md', 'docs/reports/d.md']);
  expect(skipped).toEqual([{ path: 'docs/drafts', reason: 'excluded' }]);
});

test('what was read earlier and is excluded now disappears', async () => {
  const library = await emptied();
  const folder = await folderOf(files);
  await library.ingest([folder], testCall());

  expect(await library.ingest([folder], testCall(), { exclude: ['drafts/**'] })).toMatchObject({
    removed: 1,
  });
});

test('.gitignore is respected: in deeper folders, with exceptions, and from the root of a repository down', async () => {
  const library = await emptied();
  const folder = await folderOf({
    '.gitignore': '*.log\nbuild/\n/sub/private.md\n',
    'a.log': 'a',
    'keep.md': '# Keep',
    'build/out.md': '# Out',
    'sub/.gitignore': '!important.log\n',
    'sub/important.log': 'important',
    'sub/private.md': '# Private',
    'sub/other.log': 'other',
  });
  await mkdir(join(folder, '.git'));

  const { skipped } = await library.ingest([folder], testCall());
  const { documents: found } = await library.list({ limit: 100 }, testCall());
  const again = await library.ingest([join(folder, 'sub')], testCall());

  expect(found.map(({ id }) => id)).toEqual(['docs/keep.md', 'docs/sub/important.log']);
  expect(skipped.filter(({ reason }) => reason === 'ignored by .gitignore').map(({ path }) => path)).toEqual([
    'docs/a.log',
    'docs/build',
    'docs/sub/other.log',
    'docs/sub/private.md',
  ]);
  expect(again).toMatchObject({ added: 0, unchanged: 1, removed: 0 });
});

test.runIf(posix('named pipes'))(
  'a .gitignore that is a named pipe or a link does not hold up the ingest, and says nothing',
  async () => {
    const folder = await folderOf({ 'a.md': '# A\n', 'sub/b.md': '# B\n', 'rules.txt': '*.md\n' });
    execFileSync('mkfifo', [join(folder, '.gitignore')]);
    await symlink(join(folder, 'rules.txt'), join(folder, 'sub', '.gitignore'));
    const library = await emptied();

    const { added } = await library.ingest([folder], testCall());

    expect(added).toBe(3);
  },
);

test('a file that is named itself is read although .gitignore names it', async () => {
  const library = await emptied();
  const folder = await folderOf({ '.gitignore': '*.log\n', 'a.log': 'a' });

  expect(await library.ingest([join(folder, 'a.log')], testCall())).toMatchObject({ added: 1 });
});

test.runIf(posix('names with line breaks'))(
  'names that cannot be shown on a line get ids that can, and no two become one',
  async () => {
    const library = await emptied();
    const folder = await folderOf({ 'line\nbreak.md': '# One', 'line%0Abreak.md': '# Two' });
    await writeFile(join(folder, 'a "quoted" \u202e name.md'), '# Three');

    await library.ingest([folder], testCall());
    const { documents: found } = await library.list({ limit: 100 }, testCall());

    expect(found.map(({ id, title }) => [id, title])).toEqual([
      ['docs/a "quoted" %E2%80%AE name.md', 'Three'],
      ['docs/line%0Abreak.md', 'One'],
      ['docs/line%250Abreak.md', 'Two'],
    ]);
    expect(await library.ingest([folder], testCall())).toMatchObject({ unchanged: 3, removed: 0 });
  },
);
