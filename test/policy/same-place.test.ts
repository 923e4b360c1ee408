import { mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFile } from '../../src/policy/safe-open.ts';
import { asKnown, isSamePlace, type LookAtEntry } from '../../src/policy/same-place.ts';
import { temporaryDirectory } from '../support/call.ts';
import { linux } from '../support/platform.ts';

/** A file system with these paths that finds them in any case and Unicode form; those in `links` are links. */
function folding(paths: readonly string[], links: readonly string[] = []): LookAtEntry {
  const spelled = (path: string): string => path.normalize('NFD').toLowerCase();
  return async (path) => {
    const ino = paths.findIndex((one) => spelled(one) === spelled(path));
    if (ino < 0) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return { dev: 1n, ino: BigInt(ino), isSymbolicLink: () => links.includes(path) };
  };
}

describe('two paths are one place', () => {
  test.each([
    ['that differ in the case of the last name', '/a/Docs', '/a/docs'],
    ['that differ in the case of another', '/A/docs', '/a/docs'],
    ['that differ in Unicode form', '/a/caf\u00e9', '/a/cafe\u0301'],
    ['that do not differ', '/a/docs', '/a/docs'],
  ])('%s', async (_, one, other) => {
    const lookAt = folding(['/a', '/a/docs', '/a/cafe\u0301']);
    expect(await isSamePlace(one, other, lookAt)).toBe(true);
  });

  test.each([
    ['one of them is a link to the other', '/a/Docs', '/a/docs', ['/a/Docs']],
    ['there is a link on the way', '/A/docs', '/a/docs', ['/A']],
    ['they differ in more', '/a/docs', '/a/docs2', []],
    ['one of them is not there', '/a/X', '/a/x', []],
  ])('not where %s', async (_, one, other, links) => {
    const lookAt = folding(['/a', '/a/docs', '/a/docs2'], links);
    expect(await isSamePlace(one, other, lookAt)).toBe(false);
  });
});

describe('what is known by another spelling', () => {
  const lookAt = folding(['/a', '/a/docs', '/a/docs/sub', '/a/docs/b.md']);

  test.each([
    ['/a/docs', ['/a/Docs'], '/a/Docs'],
    ['/a/docs/b.md', ['/a/Docs'], '/a/Docs/b.md'],
    ['/a/docs/sub', ['/a/docs', '/a/docs/Sub'], '/a/docs/Sub'],
    ['/a/docs/sub', ['/a/docs'], '/a/docs/sub'],
    ['/a/docs', ['/b'], '/a/docs'],
  ])('%s, of %j, is %s', async (path, known, expected) => {
    expect(await asKnown(path, known, lookAt)).toBe(expected);
  });
});

test.runIf(linux('names that differ in case'))(
  'folders that differ in case only are two on a file system that heeds it, and a link of one to the other is a link',
  async () => {
    const folder = await realpath(await temporaryDirectory());
    await mkdir(join(folder, 'Docs'));
    await mkdir(join(folder, 'docs'));
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'REAL'));

    expect(await isSamePlace(join(folder, 'Docs'), join(folder, 'docs'))).toBe(false);
    expect(await isSamePlace(join(folder, 'REAL'), join(folder, 'real'))).toBe(false);
    expect(await asKnown(join(folder, 'docs'), [join(folder, 'Docs')])).toBe(join(folder, 'docs'));
  },
);

test.runIf(linux('names that differ in case'))(
  'a file is not opened over a link of another case',
  async () => {
    const folder = await realpath(await temporaryDirectory());
    await mkdir(join(folder, 'docs'));
    await writeFile(join(folder, 'docs', 'a.md'), 'a');
    await rename(join(folder, 'docs'), join(folder, 'Docs'));
    await symlink('Docs', join(folder, 'docs'));

    await expect(openFile(join(folder, 'docs', 'a.md'))).rejects.toMatchObject({ code: 'ERR_REPLACED' });
  },
);
