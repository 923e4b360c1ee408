import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSigner } from '../../src/policy/signing.ts';
import { openDataDirectory, rotateKeys } from '../../src/stores/data-directory.ts';
import { temporaryDirectory } from '../support/call.ts';
import { linux, posix } from '../support/platform.ts';

test.runIf(posix('modes'))('the directory is for its owner alone, and so are the keys', async () => {
  const directory = join(await temporaryDirectory(), 'data');
  await openDataDirectory(directory);
  const mode = async (path: string) => (await stat(path)).mode & 0o777;
  expect([await mode(directory), await mode(join(directory, 'keys.json'))]).toEqual([0o700, 0o600]);
});

test('processes that start together agree on the keys', async () => {
  const directory = join(await temporaryDirectory(), 'data');
  const opened = await Promise.all(Array.from({ length: 8 }, () => openDataDirectory(directory)));
  expect(new Set(opened.map(([first]) => first.id)).size).toBe(1);
  expect(await readdir(directory)).toEqual(['keys.json']);
});

test('after a rotation a new key signs and the earlier ones still verify', async () => {
  const directory = await temporaryDirectory();
  const before = createSigner(await openDataDirectory(directory)).sign('cursor', '1');
  const keys = await rotateKeys(directory);
  expect(createSigner(keys).verify('cursor', before)).toBe('1');
  expect(createSigner(keys).sign('cursor', '1').split('.')[0]).not.toBe(before.split('.')[0]);
});

test('a key falls out after two more rotations', async () => {
  const directory = await temporaryDirectory();
  const before = createSigner(await openDataDirectory(directory)).sign('cursor', '1');
  await rotateKeys(directory);
  await rotateKeys(directory);
  expect(createSigner(await openDataDirectory(directory)).verify('cursor', before)).toBe('1');
  const keys = await rotateKeys(directory);
  expect(() => createSigner(keys).verify('cursor', before)).toThrow(/not valid/);
});

test('a directory that cannot be made is reported without its path', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  const failure = openDataDirectory(join(file, 'data'));
  await expect(failure).rejects.toThrow(/data directory cannot be used/);
  await expect(failure).rejects.not.toThrow(new RegExp(file));
});

test('a damaged key file is reported, not replaced', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'keys.json'), '{"keys":[]}');
  await expect(openDataDirectory(directory)).rejects.toThrow(/data directory cannot be used/);
});

test.runIf(linux('/proc'))('a place where no directory can be made is refused at once', async () => {
  await expect(openDataDirectory('/proc/hydrogen/data')).rejects.toThrow(/data directory cannot be used/);
});
