import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { placeNew } from '../../src/policy/place-new.ts';
import { openDataDirectory } from '../../src/stores/data-directory.ts';
import { writeWhole } from '../../src/stores/documents/export/whole-file.ts';
import { temporaryDirectory } from '../support/call.ts';

// exFAT, FAT and many network folders have no hard links. None of them can be mounted everywhere, so `link` fails here
// with what they say.

const refusal = vi.hoisted(() => ({ code: 'EPERM' }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => {
    throw Object.assign(new Error(refusal.code), { code: refusal.code });
  },
}));

const codes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'UNKNOWN'];

test.each(codes)('a data directory gets its keys where a link fails with %s', async (code) => {
  refusal.code = code;
  const directory = join(await temporaryDirectory(), 'data');

  const [key] = await openDataDirectory(directory);

  expect((await openDataDirectory(directory))[0]).toEqual(key);
  expect(await readdir(directory)).toEqual(['keys.json']);
});

test('processes that start together agree on the keys', async () => {
  refusal.code = 'EPERM';
  const directory = join(await temporaryDirectory(), 'data');
  const opened = await Promise.all(Array.from({ length: 8 }, () => openDataDirectory(directory)));
  expect(new Set(opened.map(([first]) => first.id)).size).toBe(1);
});

test('an export is written, and does not replace a file', async () => {
  refusal.code = 'ENOTSUP';
  const directory = await temporaryDirectory();
  const path = join(directory, 'a.jsonl');
  const write = (text: string) =>
    writeWhole(path, '"a.jsonl"', { replace: false, elsewhere: '' }, async (sink) => sink(text));
  await write('one');

  await expect(write('two')).rejects.toThrow(/already exists/);
  expect([await readFile(path, 'utf8'), await readdir(directory)]).toEqual(['one', ['a.jsonl']]);
});

test('a name that was taken meanwhile keeps its content', async () => {
  refusal.code = 'EPERM';
  const directory = await temporaryDirectory();
  const [temporary, path] = [join(directory, 'a.tmp'), join(directory, 'a')];
  await writeFile(temporary, 'new');
  await writeFile(path, 'old');

  await expect(placeNew(temporary, path)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(path, 'utf8')).toBe('old');
});

test('what cannot be moved into place leaves no empty file', async () => {
  refusal.code = 'EPERM';
  const directory = await temporaryDirectory();

  await expect(placeNew(join(directory, 'missing'), join(directory, 'a'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(await readdir(directory)).toEqual([]);
});
