import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeFile, renameFile, whileBusy, whileBusyNow } from '../src/busy-files.ts';

/** Fails with the code so many times, as while a virus scanner has the file. */
function busy(code: string, times: number): { readonly work: () => string; readonly attempts: () => number } {
  let attempts = 0;
  return {
    attempts: () => attempts,
    work() {
      attempts++;
      if (attempts <= times) throw Object.assign(new Error('in use'), { code });
      return 'done';
    },
  };
}

describe('a file that another program has open on Windows', () => {
  test.each(['EPERM', 'EBUSY', 'EACCES'])('is tried again (%s)', async (code) => {
    const { work } = busy(code, 2);
    expect(await whileBusy(async () => work(), true)).toBe('done');
  });

  test('is tried again where nothing can be awaited', () => {
    expect(whileBusyNow(busy('EBUSY', 2).work, true)).toBe('done');
  });

  test('is given up when it stays open, with the error of the system', async () => {
    await expect(
      whileBusy(async () => busy('EBUSY', Number.POSITIVE_INFINITY).work(), true),
    ).rejects.toMatchObject({ code: 'EBUSY' });
  });
});

test('another error is no reason to wait', async () => {
  const { work, attempts } = busy('ENOENT', 1);
  await expect(whileBusy(async () => work(), true)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(attempts()).toBe(1);
});

test('elsewhere the same codes are final: a permission that is missing', async () => {
  const { work, attempts } = busy('EACCES', 1);
  await expect(whileBusy(async () => work(), false)).rejects.toMatchObject({ code: 'EACCES' });
  expect(attempts()).toBe(1);
});

test('a file takes the place of another, and one that is gone can be removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hydrogen-busy-'));
  const [from, to] = [join(folder, 'new'), join(folder, 'old')];
  await writeFile(from, 'new');
  await writeFile(to, 'old');
  await renameFile(from, to);
  expect(await readFile(to, 'utf8')).toBe('new');
  await removeFile(to);
  await expect(removeFile(to)).resolves.toBeUndefined();
});
