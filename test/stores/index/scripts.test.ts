import { expect, test } from 'vitest';
import { analyse, analyseQueryWords } from '../../../src/stores/index/analyser.ts';

const found = (text: string, query: string): boolean => {
  const terms = new Set(analyse(text));
  return analyseQueryWords(query, []).every(({ terms: any }) => any.some((term) => terms.has(term)));
};

test.each([
  ['Hindi', 'हाइड्रोजन की टंकी', 'टंकी'],
  ['Tamil', 'ஹைட்ரஜன் தொட்டி', 'தொட்டி'],
  ['Arabic with and without vowels', 'خُزِّنَ الهيدروجين', 'خزن'],
  ['Hebrew with and without points', 'מֵיכָל מימן', 'מיכל'],
  ['Thai', 'ถังเก็บไฮโดรเจน', 'ไฮโดรเจน'],
  ['Khmer', 'ធុងអ៊ីដ្រូសែន', 'អ៊ីដ្រូសែន'],
])('%s: a word is found whole, with the signs that are its vowels', (_, text, query) => {
  expect(found(text, query)).toBe(true);
});

test.each([
  ['Hindi', 'टंकी', 'टांका'],
  ['Thai', 'ถัง', 'ถุง'],
])('%s: words that differ in a vowel alone are two', (_, text, query) => {
  expect(found(text, query)).toBe(false);
});

test('a word of a script without spaces counts more than two characters of two words', () => {
  const weights = new Map(
    analyseQueryWords('水素貯蔵', []).map(({ terms, weight = 1 }) => [terms[0], weight] as const),
  );
  expect(weights.get('水素')).toBe(1);
  expect(weights.get('素貯')).toBeLessThan(1);
});
