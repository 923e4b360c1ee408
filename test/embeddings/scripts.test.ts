import { expect, test } from 'vitest';
import { isMostlyUnknown, unknownScripts } from '../../src/embeddings/scripts.ts';

const pieces = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCodePoint(from + i));

test('a vocabulary with a few characters of a script does not know it, one with thousands does', () => {
  expect(unknownScripts([...pieces(0x4e00, 500), 'hydrogen'])).toContain('Han');
  expect(unknownScripts([...pieces(0x4e00, 5_000), 'hydrogen'])).not.toContain('Han');
});

test('pieces that are bytes may be of any script', () => {
  expect(unknownScripts(['Ġthe', 'hydrogen'])).toEqual([]);
});

test.each([
  ['水素の貯蔵', true],
  ['The pump H2 is called 水素', false],
  ['10.0.1.2', false],
])('"%s" is mostly unknown to a model without Han and Hiragana: %s', (text, expected) => {
  expect(isMostlyUnknown(text, ['Han', 'Hiragana'])).toBe(expected);
});
