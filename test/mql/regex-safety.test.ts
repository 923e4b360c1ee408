import { describe, expect, test } from 'vitest';
import { exponentialPart } from '../../src/mql/values/regex-safety.ts';

describe('patterns that take exponential time on some texts are found, with the part that does it', () => {
  test.each([
    ['^(a+)+$', '(a+)+'],
    ['(a*)*b', '(a*)*'],
    ['^(a|aa)+$', '(a|aa)+'],
    ['^(a|a)*$', '(a|a)*'],
    ['^(a*)*\\1b$', '(a*)*'],
    ['(x+x+)+y', '(x+x+)+'],
    ['^(\\w+\\s?)*$', '(\\w+\\s?)*'],
    ['^([a-zA-Z0-9]+[._-]?)+@', '([a-zA-Z0-9]+[._-]?)+'],
    ['^(?:\\s*\\w+\\s*,?)+;', '(?:\\s*\\w+\\s*,?)+'],
    ['^(\\d|\\w)+$', '(\\d|\\w)+'],
    ['(.*,)*P', '(.*,)*'],
    ['^(.*?,){11}P', '(.*?,){11}'],
    ['(.*a){20}', '(.*a){20}'],
    ['^([a-z]{1,20}){1,20}$', '([a-z]{1,20}){1,20}'],
    ['^(a{2}|a{3})*$', '(a{2}|a{3})*'],
    ['^(c(x?|y?)a)*$', '(c(x?|y?)a)*'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', '(([a-z])+.)+'],
    ['^(?=(a+)+$)b', '(a+)+'],
    ['(?i)^(a|A)+$', '(a|A)+'],
    ['^((a+)+|b)$', '(a+)+'],
    ['^a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a{20}$', 'a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?'],
    ['^(a?){30}a{30}$', '(a?){30}'],
    ['.*.*.*.*.*.*.*=', '.*.*.*.*.*.*.*'],
    ['^(([^"]|"")*,?)*$', '(([^"]|"")*,?)*'],
  ])('%s', (pattern, part) => {
    expect(exponentialPart(pattern, '')).toBe(part);
  });

  test('options count: with i, both cases are one', () => {
    expect(exponentialPart('^(a|A)+$', 'i')).toBe('(a|A)+');
    expect(exponentialPart('^(a|A)+$', '')).toBeUndefined();
  });
});

describe('ordinary patterns are left alone', () => {
  test.each([
    'pump',
    '^\\d?\\d?\\d?\\d?\\d?\\d?\\d?\\d?\\d?\\d?\\d?\\d?$',
    '^\\s*\\w*\\s*\\w*\\s*\\w*\\s*\\w*\\s*\\w*\\s*$',
    '.*a.*b.*c.*d.*e.*f.*g.*h',
    '^SN-\\d{4}-[A-F]{2}$',
    '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?Z?$',
    '^[\\w.+-]+@([\\w-]+\\.)+[\\w-]{2,}$',
    '^([0-9A-F]{2}[:-]){5}[0-9A-F]{2}$',
    '^(\\d{1,3}\\.){3}\\d{1,3}$',
    '^((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.|$)){4}$',
    '^https?://[^/\\s]+(/[^/\\s]*)*$',
    '^(/[\\w.-]+)+/?$',
    '^(\\w+\\s)*\\w+$',
    '^(\\w+,)*\\w+$',
    '("[^"]*"|[^,])*',
    '^("([^"\\\\]|\\\\.)*")$',
    '^\\+?(\\d[ -]?){7,15}$',
    '^(\\+\\d{1,3}[- ]?)?\\(?\\d{3}\\)?[- ]?\\d{3}[- ]?\\d{4}$',
    '.*foo.*bar.*',
    '^(?=.*\\d)(?=.*[a-z])(?=.*[A-Z]).{8,}$',
    '\\b(red|green|blue)\\b',
    '^(a|b|ab)*',
    '(a+)+',
    '^#?([a-f0-9]{6}|[a-f0-9]{3})$',
    '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$',
    '^([0-9a-f]{32},?)+$',
    '^-?\\d+(,\\d{3})*(\\.\\d+)?$',
    '^(?:[A-Z][a-z]+ ?)+$',
    '^M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$',
    '^(\\w+\\b\\s?)+$',
    '^\\s+|\\s+$',
    '(foo|bar|baz)+!',
    '[[:alpha:]]+[[:digit:]]*',
    '(?P<year>\\d+)-(?P<month>\\d+)',
    'a{1000}',
    '^(\\S+ ){3}\\S+$',
    '(?i)elektrolyse.*(wasserstoff|h2)',
    '^[^@]+@[^@]+\\.[^@]+$',
    '\\Q(a+)+$\\E',
    '[(a+)+$]',
    '\\(a+\\)+$',
    '(',
    '(?>a+)+$',
    '',
  ])('%s', (pattern) => {
    expect(exponentialPart(pattern, '')).toBeUndefined();
  });

  test('a pattern of the greatest size is judged, or not, in no time', () => {
    expect(exponentialPart(`(${'a|'.repeat(16_000)}b)*c`, '')).toBeUndefined();
    expect(exponentialPart(`${'(a*'.repeat(8_000)}${')*'.repeat(4_000)}`, '')).toBeUndefined();
  });
});
