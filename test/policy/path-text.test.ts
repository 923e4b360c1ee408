import { type PlatformPath, posix, win32 } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  below,
  existingNameFault,
  folded,
  namesHostOrDevice,
  newNameFault,
} from '../../src/policy/path-text.ts';

// The rules of Windows are tested everywhere, and so are those of the others.

const systems: Readonly<Record<string, PlatformPath>> = { win32, posix };

describe('what lies below a folder', () => {
  test.each([
    ['posix', '/docs', '/docs/a/b.md', 'a/b.md'],
    ['posix', '/docs', '/docs', ''],
    ['posix', '/', '/docs', 'docs'],
    ['posix', '/docs', '/docs-private/a.md', undefined],
    ['posix', '/docs', '/docs/../secret', undefined],
    ['posix', '/docs', '/Docs/a.md', undefined],
    ['posix', '/docs', '/docs/..a/b.md', '..a/b.md'],
    ['posix', '/docs', '/docs/a\\b.md', 'a\\b.md'],
    ['win32', 'C:\\docs', 'C:\\docs\\a\\b.md', 'a/b.md'],
    ['win32', 'C:\\', 'C:\\docs', 'docs'],
    ['win32', 'C:\\docs', 'C:\\docs-private\\a.md', undefined],
    ['win32', 'C:\\docs', 'D:\\docs\\a.md', undefined],
    ['win32', 'C:\\docs', '\\\\host\\docs\\a.md', undefined],
    ['win32', '\\\\nas\\docs', '\\\\nas\\docs\\a.md', 'a.md'],
    ['win32', '\\\\nas\\docs', '\\\\nas\\docs2\\a.md', undefined],
    ['win32', 'C:\\docs', 'C:\\docs\\..a.md', '..a.md'],
    ['win32', 'C:\\docs', 'C:\\Docs\\a.md', undefined],
    ['win32', 'C:\\docs', 'C:\\Docs', undefined],
  ])('%s: of %s, %s is %j', (system, root, path, expected) => {
    expect(below(root, path, systems[system])).toBe(expected);
  });
});

test.each([
  '\\\\host\\share',
  '//host/share',
  '\\\\?\\C:\\a',
  '\\\\.\\NUL',
  '\\??\\C:\\a',
  '/??/C:/a',
  '\\/host/a',
])('%s names a host or a device', (path) => {
  expect(namesHostOrDevice(path)).toBe(true);
});

test.each(['/a', '\\a', 'C:\\a', 'C:/a', 'a//b', 'a\\\\b', '?', '/?/a'])('%s names neither', (path) => {
  expect(namesHostOrDevice(path)).toBe(false);
});

describe('a name that is written', () => {
  test.each([
    'a.csv:b',
    'a<b.csv',
    'What?.csv',
    'a|b',
    'a*',
    '"a"',
    'a\nb.csv',
    'a\0.csv',
    'a\u0085.csv',
    'CON',
    'nul.csv',
    'Aux.tar.gz',
    'COM1.csv',
    'com¹.csv',
    'LPT0',
    'lpt³',
    'CONIN$',
    'conout$.txt',
    'NUL .csv',
    'sub/PRN/a.csv',
    'sub\\AUX.csv',
    'a.csv.',
    'a.csv ',
    'sub./a.csv',
    '...',
  ])('%j is refused on every system', (name) => {
    expect(newNameFault(name)).toBeTypeOf('string');
  });

  test.each([
    'a.csv',
    'sub/a.csv',
    'CONSOLE.csv',
    'com10.csv',
    'null.csv',
    'é.csv',
    '.a',
    './a.csv',
    '../a.csv',
    'a b.csv',
  ])('%j is taken', (name) => {
    expect(newNameFault(name)).toBeUndefined();
  });
});

describe('a file that a caller names', () => {
  test.each(['a:b.md', 'What?.md', 'CON', 'a.', 'line\nbreak.md'])(
    '%j may be there on Linux and macOS, and is no name on Windows',
    (name) => {
      expect([existingNameFault(name, posix), typeof existingNameFault(name, win32)]).toEqual([
        undefined,
        'string',
      ]);
    },
  );

  test.each([
    ['C:\\docs\\a.md', undefined],
    ['\\\\nas\\docs\\a.md', undefined],
    ['\\\\?\\C:\\docs\\a.md', undefined],
    ['docs/a.md', undefined],
    ['C:a.md', expect.stringContaining('drive')],
    ['C:\\docs\\a.md:hidden', expect.stringContaining(':')],
    ['C:\\docs\\NUL', expect.stringContaining('device')],
    ['\\\\nas\\docs\\a.md::$DATA', expect.stringContaining(':')],
  ])('on Windows, %j is judged without its root', (path, expected) => {
    expect(existingNameFault(path, win32)).toEqual(expected);
  });

  test('has no NUL character in its name anywhere', () => {
    expect([posix, win32].map((system) => typeof existingNameFault('a\0b', system))).toEqual([
      'string',
      'string',
    ]);
  });
});

test.each([
  ['Private', 'PRIVATE'],
  ['caf\u00e9', 'CAFE\u0301'],
  ['Straße', 'STRASSE'],
  ['ﬁle', 'FILE'],
  ['ΣΑΣ', 'σας'],
  ['K', '\u212a'],
  ['a\u200db', 'ab'],
])('%s and %s are spellings of one name', (a, b) => {
  expect(folded(a)).toBe(folded(b));
});
