// What PCRE2 makes of a pattern where JavaScript makes something else of it.
// Source: https://www.pcre.org/current/doc/html/pcre2pattern.html
import { BSONRegExp } from 'bson';
import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/mql/index.ts';

const matches = (pattern: string, options: string, text: string): boolean =>
  compileFilter({ s: { $regex: pattern, $options: options } })({ s: text });

describe('characters', () => {
  test.each<[string, string, boolean]>([
    ['^\\x{61}$', 'a', true],
    ['^\\x{61}$', 'x'.repeat(61), false],
    ['^\\x{1F600}$', '😀', true],
    ['^[\\x{61}-\\x{63}]$', 'b', true],
    ['^\\x6z$', '\x06z', true],
    ['^\\o{141}$', 'a', true],
    ['^\\0141$', '\f1', true],
    ['^\\101$', 'A', true],
    ['^\\cA\\c[$', '\x01\x1b', true],
    ['^\\e\\a$', '\x1b\x07', true],
    ['^[\\e\\a]$', 'e', false],
    ['^a\\-b\\@c\\ d\\#$', 'a-b@c d#', true],
    ['^.\\-.$', '😀-😀', true],
    ['^\\E\\Qa.b\\Ec$', 'a.bc', true],
    ['^[\\Qa-c\\E]$', 'b', false],
    ['^{a}$', '{a}', true],
    ['^a{2$', 'a{2', true],
    ['^a{,2}$', 'a{,2}', true],
    ['^a]}$', 'a]}', true],
    ['^.]$', '😀]', true],
  ])('%s and %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, '', text)).toBe(expected);
  });
});

describe('classes', () => {
  test.each<[string, string, boolean]>([
    ['^\\h$', '\u00a0', true],
    ['^\\h+x$', '\t x', true],
    ['^\\H$', 'h', true],
    ['^\\v$', '\n', true],
    ['^\\vab$', '\u2028ab', true],
    ['^\\V$', '\n', false],
    ['^\\N$', '\r', true],
    ['^\\N$', '\n', false],
    ['^[\\h\\v]+$', 'hv', false],
    ['^[\\S]$', '\u00a0', true],
    ['^[^\\S]$', '\u00a0', false],
    ['^\\pL$', 'é', true],
    ['^\\PL$', '5', true],
    ['^\\p{^L}$', '5', true],
    ['^\\p{L&}$', 'a', true],
    ['^\\p{Greek}$', 'α', true],
    ['^[\\w-.]+$', 'a-.b', true],
    ['^[a-\\d]$', '-', true],
    ['^[[:alpha:]-]$', '-', true],
    ['^[*+]+$', '+*', true],
    ['^[(?>]+$', '(?>', true],
  ])('%s and %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, '', text)).toBe(expected);
  });
});

describe('classes without regard to case', () => {
  test.each<[string, string, boolean]>([
    ['^\\W$', 'k', false],
    ['^[\\W_]$', 'S', false],
    ['^[[:^alpha:]]$', 'k', false],
    ['^[[:upper:]]$', 'k', true],
    ['^[[:^upper:]]$', 'k', false],
    ['^[^k]$', 'K', false],
  ])('%s and %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, 'i', text)).toBe(expected);
  });
});

describe('lines end with a line feed only', () => {
  test.each<[string, string, boolean]>([
    ['a$', 'a\r\nb', false],
    ['a\\r$', 'a\r\nb', true],
    ['^b', 'a\rb', false],
    ['^b', 'a\nb', true],
    ['^$', 'a\n', false],
    ['a\\n^', 'a\n', false],
  ])('%s and %j, with m: %s', (pattern, text, expected) => {
    expect(matches(pattern, 'm', text)).toBe(expected);
  });
});

describe('is invalid, as in PCRE2', () => {
  test.each(['\\u0061', '\\Uabc', '\\La', '\\q', '[\\B]', '[\\R]', '\\x{110000}', 'a\\', '(a', '\\2(a)'])(
    '%s',
    (pattern) => {
      expect(() => matches(pattern, '', 'a')).toThrow(/is not a valid regular expression/);
    },
  );
});

describe('is refused by name, not read as something else', () => {
  test.each([
    '\\R',
    '\\X',
    '\\Ka',
    '\\g1',
    '\\p{Nonsense}',
    '(?=a)*b',
    '(?&x)',
    "(?'x'a)",
    'a{2}+',
    '(?P=x)',
  ])('%s', (pattern) => {
    expect(() => matches(pattern, '', 'a')).toThrow(/in the regular expression .* is not supported/);
  });
});

test('a stored expression is equal by its text and options, whatever is in it', () => {
  const filter = compileFilter({ s: { $regex: 'a.c$', $options: 'si' } });
  expect(filter({ s: new BSONRegExp('a.c$', 'is') })).toBe(true);
  expect(filter({ s: new BSONRegExp('a.c$', 'i') })).toBe(false);
  expect(
    compileFilter({ s: { $regex: new BSONRegExp('a.'), $options: 'i' } })({ s: new BSONRegExp('a.', 'i') }),
  ).toBe(true);
});
