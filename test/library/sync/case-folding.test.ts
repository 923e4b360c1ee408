import { posix, win32 } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eitherFolds, type FoldsCase, foldsCase } from '../../../src/library/sync/files/case-folding.ts';
import { pathFilter } from '../../../src/library/sync/files/file-selection.ts';

// What a file system does with the case of names is asked of it, not guessed from the name of the system.

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A folder whose names are found as a file system does that makes one spelling of them with `spelled`. */
function folderOf(names: readonly string[], spelled: (name: string) => string) {
  return async (name: string) => {
    const at = names.findIndex((one) => spelled(one) === spelled(name));
    if (at < 0) throw failure('ENOENT');
    return { dev: 1n, ino: BigInt(at) };
  };
}

const lower = (name: string): string => name.toLowerCase();
const asIs = (name: string): string => name;

describe('whether a folder folds case', () => {
  test.each([
    ['yes', 'it finds a name in another case', ['a.md'], lower],
    ['yes', 'only names beyond ASCII have letters', ['É', '1'], lower],
    ['no', 'it does not', ['a.md'], asIs],
    ['no', 'it lists both', ['Private', 'pRIVATE'], asIs],
  ] as const)('%s: %s', async (expected, _, names, spelled) => {
    expect(await foldsCase(names, folderOf(names, spelled), 'unsure')).toBe(expected);
  });

  test.each(['yes', 'no', 'unsure'] as const)(
    'where no name has letters, it is as its parent (%s)',
    async (above) => {
      expect(await foldsCase(['1', '2'], folderOf([], asIs), above)).toBe(above);
    },
  );

  test('a name that vanished says nothing, and the next is asked', async () => {
    const lstat = folderOf(['b'], lower);
    expect(await foldsCase(['a', 'b'], lstat, 'no')).toBe('yes');
  });

  test('what is found under a name that is not listed, as another file, leaves it open: some network folders count files anew for each name', async () => {
    const inodes = ['a.md', 'A.MD'];
    const lstat = async (name: string) => ({ dev: 1n, ino: BigInt(inodes.indexOf(name)) });
    expect(await foldsCase(['a.md'], lstat, 'no')).toBe('unsure');
  });

  test('of a file system that does not answer it is not known', async () => {
    const lstat = () => Promise.reject(failure('EIO'));
    expect(await foldsCase(['a', 'b'], lstat, 'no')).toBe('unsure');
  });

  test.each<[FoldsCase, FoldsCase, FoldsCase]>([
    ['no', 'no', 'no'],
    ['no', 'yes', 'yes'],
    ['unsure', 'no', 'unsure'],
    ['yes', 'unsure', 'yes'],
  ])(
    'with a parent that says %s and a folder that says %s, a path may differ in case: %s',
    (above, own, path) => {
      expect(eitherFolds(above, own)).toBe(path);
    },
  );
});

const composed = 'Caf\u00e9';
const decomposed = 'Cafe\u0301';

describe('what is excluded', () => {
  const leavesOut = async (pattern: string, path: string, folds: FoldsCase, system = posix) =>
    (await pathFilter({ include: [], exclude: [pattern] }, system)).leavesOut(path, folds);

  test.each([
    ['Private', 'private', 'yes', true],
    ['Private', 'private', 'unsure', true],
    ['Private', 'private', 'no', false],
    ['Private', 'a/PRIVATE', 'yes', true],
    ['Reports/Old/**', 'reports/old/a.md', 'yes', true],
    ['*.PDF', 'a.pdf', 'yes', true],
    ['[A-C]*', 'b.md', 'yes', true],
    [composed, decomposed, 'no', true],
    [decomposed, composed, 'no', true],
    [`${composed}/**`, `${decomposed}/a.md`, 'no', true],
    [composed.toUpperCase(), decomposed, 'yes', true],
    ['STRASSE', 'straße', 'yes', true],
    ['Private', 'privates', 'yes', false],
  ] as const)(
    '%j leaves out %j where the file system folds case (%s): %s',
    async (pattern, path, folds, expected) => {
      expect(await leavesOut(pattern, path, folds)).toBe(expected);
    },
  );

  test.each(['reports\\old', 'reports\\old\\', '.\\reports\\old', 'reports/old'])(
    'on Windows %j is a folder in a folder',
    async (pattern) => {
      expect(await leavesOut(pattern, 'reports/old', 'no', win32)).toBe(true);
    },
  );

  test('elsewhere "\\" takes a character as it is', async () => {
    expect(await leavesOut('a\\*', 'a*', 'no')).toBe(true);
    expect(await leavesOut('a\\*', 'ab', 'no')).toBe(false);
  });
});

describe('what is included', () => {
  const takes = async (pattern: string, path: string, folds: FoldsCase) =>
    (await pathFilter({ include: [pattern], exclude: [] })).takes(path, folds);

  test.each([
    ['*.PDF', 'a.pdf', 'yes', true],
    ['*.PDF', 'a.pdf', 'unsure', false],
    ['*.PDF', 'a.pdf', 'no', false],
    [composed, decomposed, 'no', true],
    ['!(Private)/**', 'private/a.md', 'yes', false],
    ['!(Private)/**', 'private/a.md', 'unsure', false],
    ['!(Private)/**', 'private/a.md', 'no', true],
    ['[^P]*', 'Plan.md', 'yes', false],
    ['[^P]*', 'plan.md', 'yes', false],
    ['!(Private)/**', 'Other/a.md', 'yes', true],
  ] as const)(
    '%j takes %j where the file system folds case (%s): %s',
    async (pattern, path, folds, expected) => {
      expect(await takes(pattern, path, folds)).toBe(expected);
    },
  );
});
