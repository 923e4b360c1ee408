import { execFileSync } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDataDirectory } from '../../../src/stores/data-directory.ts';
import { writeWhole } from '../../../src/stores/documents/export/whole-file.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { linux } from '../../support/platform.ts';
import { sharedWordsOnly, writeFiles } from '../support.ts';

// Real file systems of other kinds, in a file that is mounted. That takes root on Linux (or `sudo` without a
// password) and a kernel that knows them;
// elsewhere these are skipped, and the tests of `walk`, `case-folding`, `same-place` and `without-links` stand in.

const emptied = sharedWordsOnly();
const isRoot = process.getuid?.() === 0;
const user = `${process.getuid?.()}:${process.getgid?.()}`;
const run = (...command: string[]): void => {
  execFileSync(command[0] ?? '', command.slice(1), { stdio: 'pipe' });
};
const asRoot = (...command: string[]): void => run(...(isRoot ? [] : ['sudo', '-n']), ...command);

interface Kind {
  make(image: string): void;
  readonly options: string;
}

const ext4: Kind = {
  make: (image) => run('mkfs.ext4', '-q', '-O', 'casefold', '-E', `encoding=utf8,root_owner=${user}`, image),
  options: 'loop',
};

const vfat: Kind = {
  make: (image) => run('mkfs.vfat', image),
  options: `loop,uid=${process.getuid?.()},gid=${process.getgid?.()}`,
};

/** Where such a file system lies, mounted in a folder. */
async function mounted(base: string, { make, options }: Kind): Promise<string> {
  const [image, folder] = [join(base, 'image'), join(base, 'disk')];
  await writeFile(image, '');
  await truncate(image, 32_000_000);
  await mkdir(folder);
  make(image);
  asRoot('mount', '-o', options, image, folder);
  return folder;
}

/** Whether such a file system can be had on this machine. */
async function canBeHad(kind: Kind): Promise<boolean> {
  if (!linux('loop devices')) return false;
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  try {
    asRoot('umount', await mounted(base, kind));
    return true;
  } catch {
    return false;
  } finally {
    await rm(base, { recursive: true });
  }
}

async function disk(kind: Kind): Promise<string> {
  const folder = await mounted(await realpath(await temporaryDirectory()), kind);
  onTestFinished(() => asRoot('umount', folder));
  return folder;
}

async function caseFolding(): Promise<string> {
  const folder = join(await disk(ext4), 'folds');
  await mkdir(folder);
  run('chattr', '+F', folder);
  return folder;
}

const fat = (): Promise<string> => disk(vfat);

describe.skipIf(!(await canBeHad(ext4)))('ext4 with casefold', () => {
  test('what is excluded in another case or Unicode form is not read', async () => {
    const folder = await caseFolding();
    await writeFiles(folder, { 'private/a.md': 'a', 'cafe\u0301/b.md': 'b', 'c.md': 'c' });
    const library = await emptied();

    await library.ingest([folder], testCall(), { exclude: ['Private', 'CAF\u00c9'] });

    expect((await library.list({ limit: 9 }, testCall())).documents.map(({ id }) => id)).toEqual([
      'folds/c.md',
    ]);
  });

  test('a folder renamed in case only keeps its documents, and is read on', async () => {
    const folder = await caseFolding();
    await writeFiles(folder, { 'Docs/a.md': 'a' });
    const library = await emptied();
    await library.ingest([join(folder, 'Docs')], testCall());
    await rename(join(folder, 'Docs'), join(folder, 'docs'));
    await writeFiles(folder, { 'docs/b.md': 'b' });

    expect(await library.ingest([join(folder, 'docs')], testCall())).toMatchObject({ added: 1, removed: 0 });
    expect((await library.sources(testCall())).map(({ name }) => name)).toEqual(['Docs']);
  });
});

describe.skipIf(!(await canBeHad(vfat)))('VFAT, which has neither links nor modes', () => {
  test('a data directory gets its keys', async () => {
    const directory = join(await fat(), 'data');
    const [key] = await openDataDirectory(directory);
    expect((await openDataDirectory(directory))[0]).toEqual(key);
    expect(await readdir(directory)).toEqual(['keys.json']);
  });

  test('an export is written, and does not replace a file', async () => {
    const path = join(await fat(), 'a.jsonl');
    const write = (text: string) =>
      writeWhole(path, '"a.jsonl"', { replace: false, elsewhere: '' }, async (sink) => sink(text));
    await write('one');
    await expect(write('two')).rejects.toThrow(/already exists/);
    expect(await readFile(path, 'utf8')).toBe('one');
  });

  test('what is excluded in another case is not read', async () => {
    const folder = await fat();
    await writeFiles(folder, { 'private/a.md': 'a', 'c.md': 'c' });
    const library = await emptied();
    await library.ingest([folder], testCall(), { exclude: ['PRIVATE'] });
    expect((await library.list({ limit: 9 }, testCall())).documents.map(({ id }) => id)).toEqual([
      'disk/c.md',
    ]);
  });
});
