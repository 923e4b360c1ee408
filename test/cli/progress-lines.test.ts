import { expect, test } from 'vitest';
import { progressLines } from '../../src/cli/progress-lines.ts';

/** What is printed of work that tells of itself every second. */
function printed(seconds: number, message: string): string[] {
  const lines: string[] = [];
  let time = 0;
  const show = progressLines(
    'Reading',
    (line) => lines.push(line),
    () => time,
  );
  for (let second = 1; second <= seconds; second++) {
    time = second * 1_000;
    show({ done: (100 * second) / seconds, total: 100, unit: '%', message });
  }
  return lines;
}

test('short work prints nothing but its result', () => {
  expect(printed(4, 'file 1 of 2')).toEqual([]);
});

test('work of a minute prints a few lines, with the share and what is done', () => {
  expect(printed(60, 'file 1 of 2: a.pdf')).toEqual([
    'Reading 8 % file 1 of 2: a.pdf',
    'Reading 25 % file 1 of 2: a.pdf',
    'Reading 58 % file 1 of 2: a.pdf',
  ]);
});

test('work of a night prints some fifty lines, not thousands', () => {
  expect(printed(8 * 3_600, 'file 1 of 2').length).toBeLessThan(60);
});

test("what a terminal would obey in a file's name is not printed", () => {
  const [line] = printed(6, 'file 1 of 2: \x1b[2Ja\n\rb\u202e.pdf');
  expect(line).toBe('Reading 83 % file 1 of 2: \ufffd[2Ja\ufffdb\ufffd.pdf');
});
