// Regular expressions, which MongoDB hands to PCRE, and collation.
import { BSONRegExp } from 'bson';
import { describe, expect, test } from 'vitest';
import { compileFilter, compileSort } from '../../src/mql/index.ts';

const matches = (pattern: string, options: string, text: string): boolean =>
  compileFilter({ s: { $regex: pattern, $options: options } })({ s: text });

describe('regular expressions read as PCRE reads them', () => {
  test.each<[string, string, string, string, boolean]>([
    ['$ also stands before a last line break', 'a$', '', 'a\n', true],
    ['$ with m stands at every line', 'a$', 'm', 'a\nb', true],
    ['. takes a carriage return', 'a.b', '', 'a\rb', true],
    ['. takes a line break with s only', 'a.b', '', 'a\nb', false],
    ['. takes a line break with s', 'a.b', 's', 'a\nb', true],
    ['. takes a whole emoji', '^.$', '', '😀', true],
    ['\\s is ASCII', '\\s', '', '\u00a0', false],
    ['x leaves blanks and comments out', 'a b # c', 'x', 'ab', true],
    ['x keeps blanks in a class', 'a[ ]b', 'x', 'a b', true],
    ['i works beyond ASCII', 'É', 'i', 'é', true],
    ['(?i) at the start', '(?i)abc', '', 'ABC', true],
    ['(?im) at the start', '(?im)^b', '', 'a\nB', true],
    ['POSIX classes', '^[[:alpha:]]+[[:digit:]]$', '', 'ab1', true],
    ['\\A and \\z', '\\Aab\\z', 'm', 'ab', true],
    ['\\Q…\\E', '^\\Qa.b\\E$', '', 'axb', false],
    ['(?P<name>…)', '^(?P<x>a)\\k<x>$', '', 'aa', true],
    ['look behind', '(?<=a)b', '', 'ab', true],
    ['an escaped plus after a plus', 'a+\\+', '', 'a+', true],
    ['a bracket first in a class', '[]a]', '', ']', true],
  ])('%s', (_name, pattern, options, text, expected) => {
    expect(matches(pattern, options, text)).toBe(expected);
  });

  test.each([
    ['atomic groups', '(?>a)'],
    ['possessive quantifiers', 'a*+'],
    ['recursion', '(a(?R)?)'],
    ['inline options for a group', 'a(?i:b)'],
    ['inline options in the middle', 'a(?i)b'],
    ['verbs', '(*SKIP)a'],
    ['conditional groups', '(a)?(?(1)b|c)'],
  ])('%s are refused by name', (_name, pattern) => {
    expect(() => compileFilter({ s: { $regex: pattern } })).toThrow(
      /in the regular expression .* is not supported/,
    );
  });

  test('a stored expression equals the same expression', () => {
    const filter = compileFilter({ s: new BSONRegExp('a', 'i') });
    expect(filter({ s: new BSONRegExp('a', 'i') })).toBe(true);
    expect(filter({ s: new BSONRegExp('a', '') })).toBe(false);
  });
});

describe('collation', () => {
  const equal = (strength: number, a: string, b: string): boolean =>
    compileFilter({ s: a }, { collation: { locale: 'en', strength } })({ s: b });

  test.each<[number, string, string, boolean]>([
    [1, 'cafe', 'CAFÉ', true],
    [2, 'cafe', 'CAFE', true],
    [2, 'cafe', 'café', false],
    [3, 'cafe', 'CAFE', false],
  ])('strength %i: %s and %s', (strength, a, b, expected) => {
    expect(equal(strength, a, b)).toBe(expected);
  });

  test('$in, ranges and arrays follow it', () => {
    const collation = { locale: 'en', strength: 2 };
    expect(compileFilter({ s: { $in: ['A', 'B'] } }, { collation })({ s: ['x', 'b'] })).toBe(true);
    expect(compileFilter({ s: { $gt: 'B' } }, { collation })({ s: 'b' })).toBe(false);
  });

  test('numericOrdering sorts digits as numbers', () => {
    const order = compileSort({ s: 1 }, { collation: { locale: 'en', numericOrdering: true } });
    expect([{ s: 'a10' }, { s: 'a9' }].sort(order)).toEqual([{ s: 'a9' }, { s: 'a10' }]);
  });

  test('what is not there is refused by name', () => {
    const compile = (collation: object) => () =>
      compileFilter({}, { collation: { locale: 'en', ...collation } });
    expect(compile({ strength: 5 })).toThrow(/collation strength 5 is not supported/);
    expect(compile({ caseLevel: true })).toThrow(/"caseLevel" .* is not supported/);
    expect(compile({ strenght: 1 })).toThrow(/no option "strenght"/);
  });
});
