import type { Dirent } from 'node:fs';
import { mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FileSelection, pathFilter } from '../../../src/library/sync/files/file-selection.ts';
import { walk } from '../../../src/library/sync/files/walk.ts';
import { locateOwnFiles } from '../../../src/policy/own-files.ts';
import { type OpenFolder, openFolder } from '../../../src/policy/safe-open.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { posix } from '../../support/platform.ts';
import { folderOf } from '../support.ts';

// File systems that cannot be had everywhere, by an open folder that answers as theirs would.

type Changed = (folder: OpenFolder, path: string) => Partial<OpenFolder>;

/** Paths that are read, and what is said of the others. */
async function found(
  files: Readonly<Record<string, string>> | string,
  changed: Changed = () => ({}),
  { include = [], exclude = [], separate = [] }: Partial<FileSelection> & { separate?: string[] } = {},
) {
  const folder = await realpath(typeof files === 'string' ? files : await folderOf(files));
  const read: string[] = [];
  const said: Record<string, string> = {};
  const visiting = {
    folder,
    filter: await pathFilter({ include, exclude }),
    separateFolders: new Set(separate.map((name) => join(folder, name))),
    own: await locateOwnFiles({ dataDirectory: await temporaryDirectory(), files: [] }),
    check: () => {},
    open: async (path: string) => {
      const opened = await openFolder(path);
      return { ...opened, ...changed(opened, path) };
    },
  };
  for await (const entry of walk(visiting)) {
    if (entry.kind === 'file') read.push(entry.path);
    else said[entry.path] = entry.reason;
  }
  return { read, said };
}

/** Finds an entry in any case. */
const foldingCase: Changed = (opened) => ({
  async lstat(name) {
    const names = (await opened.entries()).map((entry) => entry.name);
    return opened.lstat(names.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name);
  },
});

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe('on a file system that ignores case', () => {
  test('what is excluded in another case is not read', async () => {
    const files = { 'private/a.md': 'a', 'b.md': 'b' };
    expect(await found(files, foldingCase, { exclude: ['Private'] })).toEqual({
      read: ['b.md'],
      said: { 'private/': 'excluded' },
    });
  });

  test('what is included in another case is read', async () => {
    expect(await found({ 'a.md': 'a', 'b.txt': 'b' }, foldingCase, { include: ['*.MD'] })).toMatchObject({
      read: ['a.md'],
    });
  });

  test('a folder that is read on its own, and was renamed in case only, is not read twice', async () => {
    const files = { 'sub/a.md': 'a', 'b.md': 'b' };
    expect(await found(files, foldingCase, { separate: ['Sub'] })).toEqual({ read: ['b.md'], said: {} });
  });
});

describe('on a file system that heeds case', () => {
  test('a name in another case is another one', async () => {
    const files = { 'private/a.md': 'a', 'b.md': 'b' };
    const heeding: Changed = (opened) => ({
      lstat: async (name) =>
        (await opened.entries()).some((entry) => entry.name === name)
          ? opened.lstat(name)
          : failing('ENOENT')(),
    });
    expect(await found(files, heeding, { exclude: ['Private'], separate: ['Private'] })).toMatchObject({
      read: ['b.md', 'private/a.md'],
    });
  });
});

test('where the file system does not say whether case counts, what is excluded in another case is not read', async () => {
  const files = { 'private/a.md': 'a', 'b.md': 'b' };
  const unsure: Changed = (opened) => ({
    lstat: (name) => (/^[A-Z]/.test(name) ? failing('EIO')() : opened.lstat(name)),
  });
  expect((await found(files, unsure, { exclude: ['Private'] })).read).toEqual(['b.md']);
});

test('exclusions and .gitignore hold for the other Unicode form of a name', async () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
  const { read, said } = await found(
    {
      '.gitignore': `r\u00e9sum\u00e9.md\n/${composed}/x/\n`,
      're\u0301sume\u0301.md': 'a',
      [`${decomposed}/x/a.md`]: 'b',
      [`${decomposed}/b.md`]: 'c',
    },
    undefined,
    { exclude: [`${composed}/b.md`] },
  );
  expect(read).toEqual([]);
  expect(Object.values(said).sort()).toEqual([
    'excluded',
    'hidden file',
    'ignored by .gitignore',
    'ignored by .gitignore',
  ]);
});

test('a folder is not taken for one that is read on its own because its name looks the same', async () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
  const folder = await folderOf({ [`${composed}/a.md`]: 'a', [`${decomposed}/b.md`]: 'b' });
  // A file system that takes both names for one has one folder.
  const isOne = (await readdir(folder)).length === 1;
  const { read } = await found(folder, undefined, { separate: [composed] });
  expect(read).toEqual(isOne ? [] : [`${decomposed}/b.md`]);
});

test('.gitignore holds in any case', async () => {
  expect(
    (await found({ '.gitignore': 'Private/\n*.LOG\n', 'private/a.md': 'a', 'a.log': 'b' })).read,
  ).toEqual([]);
});

/** Lists every entry as a link, as Windows does with files of OneDrive. */
const listedAsLinks: Changed = (opened) => ({
  entries: async () =>
    (await opened.entries()).map(
      (entry): Dirent =>
        Object.assign(Object.create(Object.getPrototypeOf(entry) as object) as Dirent, entry, {
          isSymbolicLink: () => true,
          isFile: () => false,
          isDirectory: () => false,
        }),
    ),
});

describe('what is listed as a link', () => {
  test('and is a file or folder of a cloud, is read', async () => {
    expect(await found({ 'a.md': 'a', 'sub/b.md': 'b' }, listedAsLinks)).toEqual({
      read: ['a.md', 'sub/b.md'],
      said: {},
    });
  });

  test.runIf(posix('symbolic links that any user may make'))('and is one, is not followed', async () => {
    const folder = await folderOf({ 'a.md': 'a' });
    await mkdir(join(folder, 'sub'));
    await symlink(join(folder, 'sub'), join(folder, 'link'));
    const { said } = await found(folder, listedAsLinks);
    expect(said).toEqual({ link: 'a link: links are not followed' });
  });
});

test.each([
  '~$report.docx',
  '.~lock.report.odt#',
  '$RECYCLE.BIN/a.md',
  'System Volume Information/a.md',
  'Thumbs.db',
  'desktop.ini',
  'Desktop.ini',
  '.DS_Store',
  '._a.md',
])('%s is passed over without a word', async (name) => {
  expect(await found({ [name]: 'x', 'a.md': 'a' })).toEqual({ read: ['a.md'], said: {} });
});

test('a file that is in iCloud only is named, with what to do', async () => {
  const { said } = await found(
    { '.a.pdf.icloud': '', 'private/.b.md.icloud': '', '.c.zip.icloud': '' },
    undefined,
    {
      exclude: ['b.md'],
    },
  );
  expect(said).toEqual({
    'a.pdf': expect.stringMatching(/only in iCloud: download it/),
    'private/b.md': 'excluded',
    'c.zip': expect.stringMatching(/not a supported file type/),
  });
});

describe('what cannot be looked at is told of, and the rest is read', () => {
  test.each([
    ['EACCES', /permission denied/],
    ['EPERM', /Privacy & Security/],
    ['EIO', /disk/],
    ['ETIMEDOUT', /does not answer/],
    ['ENOTDIR', /replaced/],
    ['ENOENT', /does not exist/],
  ])('a file: %s', async (code, words) => {
    const { read, said } = await found({ 'a.md': 'a', 'b.md': 'b' }, (opened) => ({
      lstat: (name) => (name === 'a.md' ? failing(code)() : opened.lstat(name)),
    }));
    expect([read, said['a.md']]).toEqual([['b.md'], expect.stringMatching(words)]);
  });

  test.each([
    ['EACCES', /permission denied/],
    ['EPERM', /Privacy & Security/],
    ['EIO', /disk/],
  ])('a folder: %s', async (code, words) => {
    const { read, said } = await found({ 'sub/a.md': 'a', 'b.md': 'b' }, (opened, path) => ({
      entries: () => (basename(path) === 'sub' ? failing(code)() : opened.entries()),
    }));
    expect([read, said['sub']]).toEqual([['b.md'], expect.stringMatching(words)]);
  });
});
