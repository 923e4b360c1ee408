import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sliceLines } from '../../../src/stores/index/line-slice.ts';
import { readLines, splitText } from '../../../src/stores/mongodb/catalog/texts.ts';

/** Lines from empty ones to some that are longer than a part, with characters of one to four bytes. */
const line = fc
  .tuple(
    fc.constantFrom('', 'a', 'é', '☃', '𝄞', 'ab 𝄞'),
    fc.oneof({ weight: 4, arbitrary: fc.nat(50) }, { weight: 2, arbitrary: fc.nat(60_000) }, fc.nat(250_000)),
  )
  .map(([word, times]) => word.repeat(times));

test('a text that is cut into parts is read as if it were one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.integer({ min: 1, max: 14 }),
      fc.oneof(fc.nat(100), fc.nat(500_000), fc.constant(Number.MAX_SAFE_INTEGER)),
      async (lines, from, maxBytes) => {
        const text = lines.join('\n');
        const { parts, starts } = splitText(text);
        expect(parts.join('')).toBe(text);
        expect(parts.every((part) => part.isWellFormed())).toBe(true);
        const whole = sliceLines(text, from, maxBytes);
        const { total } = whole;
        const load = async (wanted: readonly number[]) => wanted.map((part) => parts[part] ?? '');
        const read = await readLines(from, maxBytes, { lines: total, starts }, load);
        expect(read).toEqual(from > total ? { text: '', to: from - 1, total } : whole);
      },
    ),
    { numRuns: 60, examples: [[['', '', ''], 3, 0]] },
  );
});

test('a line of a long text is read without most of it', async () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `line ${i + 1}`).join('\n');
  const { parts, starts } = splitText(text);
  expect(parts.length).toBeGreaterThan(10);
  const loaded: number[] = [];
  const load = async (wanted: readonly number[]) => {
    loaded.push(...wanted);
    return wanted.map((part) => parts[part] ?? '');
  };
  const read = await readLines(70_000, 20, { lines: 100_000, starts }, load);
  expect(read.text).toBe('line 70000');
  expect(loaded).toHaveLength(1);
});
