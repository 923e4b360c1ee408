import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join, posix, win32 } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allowedPaths, newFileIn, type PathSystem } from '../../src/policy/paths.ts';
import { temporaryDirectory } from '../support/call.ts';
import { linkFolder } from '../support/links.ts';
import { posix as posixOnly } from '../support/platform.ts';

async function folders() {
  const base = await realpath(await temporaryDirectory());
  for (const name of ['docs', 'docs-private', 'secret']) await mkdir(join(base, name));
  await writeFile(join(base, 'docs', 'a.md'), 'a');
  await writeFile(join(base, 'secret', 'b.md'), 'b');
  await linkFolder(join(base, 'secret'), join(base, 'docs', 'link'));
  await linkFolder(join(base, 'secret', 'loop'), join(base, 'secret', 'loop'));
  return { base, docs: join(base, 'docs') };
}

test('a path inside an allowed folder is allowed, absolute or relative to it', async () => {
  const { docs } = await folders();
  expect(await allowedPaths([join(docs, 'a.md'), 'a.md', docs], [docs])).toEqual([
    join(docs, 'a.md'),
    join(docs, 'a.md'),
    docs,
  ]);
});

test.each([
  '../secret/b.md',
  'link/b.md',
  'link/loop',
  'link',
  '../docs-private',
  '/etc/passwd',
  'missing.md',
])('%s is refused in the same words, whether it exists or not', async (path) => {
  const { docs } = await folders();
  await expect(allowedPaths([path], [docs])).rejects.toThrow(
    /is not in the folders this server may read, or does not exist/,
  );
});

test('without allowed folders nothing may be read, and the setting is named', async () => {
  await expect(allowedPaths(['/etc'], [])).rejects.toThrow(/HYDROGEN_FOLDERS/);
});

/** A system in which these paths exist, and that notes what it was asked for; others fail with the code given. */
function systemWith(path: PathSystem['path'], existing: readonly string[], code = 'ENOENT') {
  const asked: string[] = [];
  const system: PathSystem = {
    path,
    targetOf: async () => undefined,
    async realpath(name) {
      asked.push(name);
      if (existing.includes(name)) return name;
      throw Object.assign(new Error(code), { code });
    },
  };
  return { system, asked };
}

describe('a path that names a host or a device', () => {
  const outside = [
    '\\\\evil\\share\\a.md',
    '//evil/share/a.md',
    '\\\\?\\UNC\\evil\\share',
    '\\\\.\\NUL',
    '\\??\\UNC\\evil\\a',
    '\\/evil/share',
  ];

  test.each(outside.flatMap((path) => [['win32', path] as const, ['posix', path] as const]))(
    '%s: %s is refused, and the system is never asked for it',
    async (name, path) => {
      const [folder, rules] = name === 'win32' ? ['C:\\docs', win32] : ['/docs', posix];
      const { system, asked } = systemWith(rules, [folder]);

      await expect(allowedPaths([path], [folder], system)).rejects.toMatchObject({ code: 'not_allowed' });
      expect(asked).toEqual([folder]);
    },
  );

  test.each([
    ['a link in the folder', { 'C:\\docs\\link': '\\\\evil\\share' }],
    ['a link to a link', { 'C:\\docs\\link': 'C:\\other', 'C:\\other': '\\\\evil\\share' }],
    ['a relative one above it', { 'C:\\docs\\link': '..\\up', 'C:\\up': '\\\\?\\UNC\\evil\\share' }],
  ])('to which %s leads is not asked on Windows', async (_how, links) => {
    const { system, asked } = systemWith(win32, ['C:\\docs']);
    const read = { ...system, targetOf: async (path: string) => (links as Record<string, string>)[path] };

    await expect(allowedPaths(['link\\a.md'], ['C:\\docs'], read)).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await expect(newFileIn('link\\new.csv', 'C:\\docs', read)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(new Set(asked)).toEqual(new Set(['C:\\docs', 'C:\\link\\a.md']));
  });

  test('a link from one folder of the settings into another is followed on Windows', async () => {
    const { system, asked } = systemWith(win32, ['C:\\docs', '\\\\nas\\docs']);
    const read = {
      ...system,
      targetOf: async (path: string) => (path === 'C:\\docs\\link' ? '\\\\nas\\docs' : undefined),
    };
    await allowedPaths(['link\\a.md'], ['C:\\docs', '\\\\nas\\docs'], read).catch(() => undefined);
    expect(asked).toContain('C:\\docs\\link\\a.md');
  });

  test.each([
    ['\\\\nas\\docs\\a.md', '\\\\nas\\docs\\a.md'],
    ['//NAS/docs/a.md', '//NAS/docs/a.md'],
  ])('is looked at in a folder of the settings: %s', async (path, looked) => {
    const { system, asked } = systemWith(win32, ['\\\\nas\\docs', '\\\\nas\\docs\\a.md']);
    await allowedPaths([path], ['\\\\nas\\docs'], system).catch(() => undefined);
    expect(asked).toContain(looked);
  });

  test('another share of the same host is refused', async () => {
    const { system, asked } = systemWith(win32, ['\\\\nas\\docs', '\\\\nas\\private']);
    await expect(allowedPaths(['\\\\nas\\private'], ['\\\\nas\\docs'], system)).rejects.toThrow(/is not in/);
    expect(asked).toEqual(['\\\\nas\\docs']);
  });
});

describe('on Windows', () => {
  test.each(['a.md:hidden', 'C:\\docs\\a.md::$DATA', 'NUL', 'docs\\CON.md', 'C:a.md', 'a.md.', 'a?.md'])(
    '%s is refused before the system is asked',
    async (path) => {
      const { system, asked } = systemWith(win32, ['C:\\docs']);
      await expect(allowedPaths([path], ['C:\\docs'], system)).rejects.toThrow(/is not a path here/);
      expect(asked).toEqual([]);
    },
  );

  test.each(['C:\\docs\\a.md', 'C:/docs/a.md', 'docs\\a.md', 'docs/a.md', 'a.md'])(
    '%s is found',
    async (path) => {
      const { system } = systemWith(win32, ['C:\\docs', 'C:\\docs\\a.md']);
      const found = { ...system, realpath: (name: string) => system.realpath(win32.normalize(name)) };
      expect(await allowedPaths([path], ['C:\\docs'], found)).toEqual(['C:\\docs\\a.md']);
    },
  );
});

test.runIf(posixOnly('names that Windows does not allow'))(
  'elsewhere names that Windows does not allow are names like any other',
  async () => {
    const { docs } = await folders();
    await writeFile(join(docs, 'What?.md'), 'a');
    expect(await allowedPaths(['What?.md'], [docs])).toEqual([join(docs, 'What?.md')]);
  },
);

describe('a path in a folder that cannot be followed is told of with its cure', () => {
  test.each([
    ['EISDIR', /virtual|RAM disk/],
    ['EPERM', /Privacy & Security/],
    ['EACCES', /permission/],
    ['ENOTSUP', /file system/],
    ['ELOOP', /loop/],
    ['ETIMEDOUT', /Check the connection/],
  ])('%s', async (code, words) => {
    const { system } = systemWith(posix, ['/docs'], code);
    await expect(allowedPaths(['/docs/a.md'], ['/docs'], system)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(words),
    });
  });

  test('outside of the folders nothing is said of it', async () => {
    const { system } = systemWith(posix, ['/docs'], 'EPERM');
    await expect(allowedPaths(['/secret/a.md'], ['/docs'], system)).rejects.toThrow(/or does not exist/);
  });

  test('a folder of the settings that cannot be followed is told of, too', async () => {
    const { system } = systemWith(win32, [], 'EISDIR');
    await expect(newFileIn('a.csv', 'R:\\out', system)).rejects.toThrow(/RAM disk/);
  });
});

describe('a file to write', () => {
  test.each(['a.csv:b', 'NUL.csv', 'com¹.csv', 'a.csv.', 'sub/aux/a.csv', 'a\nb.csv'])(
    '%j is refused on every system, before it is looked at',
    async (name) => {
      for (const rules of [win32, posix]) {
        const { system, asked } = systemWith(rules, []);
        await expect(newFileIn(name, '/out', system)).rejects.toThrow(
          /not a name for a file on every system/,
        );
        expect(asked).toEqual([]);
      }
    },
  );

  test.each(['\\\\evil\\share\\a.csv', '//evil/a.csv', '../a.csv', '.hidden.csv', 'C:\\a.csv'])(
    '%s leads nowhere',
    async (name) => {
      const { system, asked } = systemWith(win32, ['C:\\out', 'C:\\']);
      await expect(newFileIn(name, 'C:\\out', system)).rejects.toMatchObject({ code: 'not_allowed' });
      expect(asked.filter((path) => path.includes('evil'))).toEqual([]);
    },
  );

  test.each(['sub\\a.csv', '\\a.csv'])(
    '%j, which is a file in a folder on Windows, is no name of a file elsewhere',
    async (name) => {
      const { system } = systemWith(posix, ['/out']);
      await expect(newFileIn(name, '/out', system)).rejects.toThrow(/not a name for a file on every system/);
    },
  );

  test.each([
    ['a.csv', 'C:\\out\\a.csv'],
    ['sub/a.csv', 'C:\\out\\sub\\a.csv'],
    ['..a.csv', undefined],
  ])('%s is at %s', async (name, expected) => {
    const { system } = systemWith(win32, ['C:\\out', 'C:\\out\\sub']);
    expect(await newFileIn(name, 'C:\\out', system).catch(() => undefined)).toBe(expected);
  });
});
