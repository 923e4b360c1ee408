import { expect, test } from 'vitest';
import { cellText } from '../../src/tables/cells.ts';
import { sheetHeaderIndex } from '../../src/tables/sheet-header.ts';

test.each([
  [
    'the first row',
    [
      ['a', 'b'],
      [1, 2],
    ],
    0,
  ],
  ['the row below a title', [['Report'], ['a', 'b'], [1, 2]], 1],
  [
    'the row below a title and a remark of two cells',
    [['Report'], ['made', 'today'], ['a', 'b', 'c', 'd', 'e'], [1, 2, 3, 4, 5]],
    2,
  ],
  [
    'a row with names for most of its columns',
    [
      ['a', undefined, 'c'],
      [1, 2, 3],
    ],
    0,
  ],
  [
    'no row, where the first one holds values',
    [
      ['a', 1],
      ['b', 2],
    ],
    -1,
  ],
  ['no row, where there is one column', [['a'], ['b']], -1],
])('the names of the columns of a sheet are in %s', (_what, rows, index) => {
  expect(sheetHeaderIndex(rows)).toBe(index);
});

test.each([
  ['2026-01-31T00:00:00.000Z', '2026-01-31'],
  ['2026-01-31T10:30:00.000Z', '2026-01-31 10:30'],
  ['2026-01-31T10:30:05.000Z', '2026-01-31 10:30:05'],
  ['2026-01-31T10:30:05.250Z', '2026-01-31 10:30:05.250'],
])('the moment %s of a sheet is the text %s', (moment, text) => {
  expect(cellText(new Date(moment))).toBe(text);
});
