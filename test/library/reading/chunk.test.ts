import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkDocument, targetLength } from '../../../src/library/reading/chunk.ts';
import { loadText } from '../../../src/library/reading/loaders/text.ts';

const chunk = (text: string) => chunkDocument('docs/a.txt', loadText(text, 'a.txt').blocks);

test('short paragraphs share a passage, whose lines are theirs', () => {
  expect(chunk('One.\n\nTwo.\n\nThree.')).toMatchObject([{ lines: [1, 5], text: 'One.\n\nTwo.\n\nThree.' }]);
});

test('a long paragraph is divided at the ends of sentences', () => {
  const sentences = Array.from(
    { length: 40 },
    (_, i) => `Sentence ${i} is about the storage of hydrogen gas.`,
  );

  const found = chunk(sentences.join(' '));

  expect(found.length).toBeGreaterThan(1);
  for (const { text } of found) expect(text).toMatch(/^Sentence \d+ .*gas\.$/);
});

test('a passage of a paragraph over many lines has the lines it stands on', () => {
  const lines = Array.from({ length: 60 }, (_, i) => `Line ${i + 1} tells about pressure vessels of steel.`);

  for (const { text, lines: range } of chunk(lines.join('\n'))) {
    expect(text.split('\n')).toEqual(lines.slice(range[0] - 1, range[1]));
  }
});

test('a line without an end is divided between words, and nothing is lost', () => {
  const words = Array.from({ length: 3_000 }, (_, i) => `w${i}`);

  const found = chunk(words.join(' '));

  expect(found.flatMap(({ text }) => text.split(' '))).toEqual(words);
  for (const { text } of found) expect(text.length).toBeLessThanOrEqual(targetLength + 200);
});

test('any text keeps all its words, in passages of bounded length and with lines that exist', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .map((text) => text.replace(/\s|\p{C}/gu, 'x'));
  const separator = fc.constantFrom(' ', ' ', '. ', '\n', '\n\n');
  const text = fc.array(fc.tuple(word, separator), { maxLength: 600 }).map((parts) => parts.flat().join(''));
  fc.assert(
    fc.property(text, (source) => {
      const found = chunk(source);
      const total = source.split('\n').length;
      expect(
        found
          .map((one) => one.text)
          .join(' ')
          .split(/\s+/)
          .filter(Boolean),
      ).toEqual(source.split(/\s+/).filter(Boolean));
      for (const one of found) {
        expect(one.text.length).toBeLessThanOrEqual(targetLength + 200);
        expect(one.lines[0]).toBeGreaterThanOrEqual(1);
        expect(one.lines[0]).toBeLessThanOrEqual(one.lines[1]);
        expect(one.lines[1]).toBeLessThanOrEqual(total);
      }
    }),
    { numRuns: 50 },
  );
});

test('a passage keeps its id when others change, and equal ones have different ids', () => {
  const padding = 'x'.repeat(990);
  const before = chunk(`Same.${padding}\n\nOther.${padding}\n\nSame.${padding}`);
  const after = chunk(`New.${padding}\n\nSame.${padding}`);

  expect(new Set(before.map(({ id }) => id)).size).toBe(3);
  expect(after[1]?.id).toBe(before[0]?.id);
});
