import { expect, test } from 'vitest';
import { sniffDialect } from '../../src/tables/dialect.ts';
import { headerIndex, isNameless, nameColumns } from '../../src/tables/header.ts';
import { createRowReader, type TextRow } from '../../src/tables/rows.ts';

/** The rows of a text, read in pieces of every length that makes a difference. */
function rowsOf(text: string): readonly TextRow[] {
  const { dialect, begin } = sniffDialect(text, true);
  const [whole, ...parts] = [text.length, 1, 2, 3, 7].map((length) => {
    const reader = createRowReader(dialect, begin > 0 ? 2 : 1);
    const rows: TextRow[] = [];
    for (let at = begin; at < text.length; at += length) {
      rows.push(...[...reader.read(text.slice(at, at + length), at + length >= text.length)].flat());
    }
    return rows;
  });
  for (const part of parts) expect(part).toEqual(whole);
  return whole ?? [];
}

const cellsOf = (text: string) => rowsOf(text).map(({ cells }) => cells);

test.each([
  [
    'commas',
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'tabs',
    'a\tb\n1\t2,5\n',
    [
      ['a', 'b'],
      ['1', '2,5'],
    ],
  ],
  [
    'vertical bars',
    'a|b\n1|2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'semicolons and decimal commas',
    'a;b\n1,5;2,5\n',
    [
      ['a', 'b'],
      ['1,5', '2,5'],
    ],
  ],
  [
    'semicolons and a comma in each row',
    'a;b, EUR\nx;1,5\n',
    [
      ['a', 'b, EUR'],
      ['x', '1,5'],
    ],
  ],
  [
    'semicolons and quoted commas',
    '"a, b";"c"\n"1";"x, y"\n',
    [
      ['a, b', 'c'],
      ['1', 'x, y'],
    ],
  ],
  ['what a first line tells', 'sep=^\r\na^b;c\r\n', [['a', 'b;c']]],
  ['one column', 'a\nx\ny\n', [['a'], ['x'], ['y']]],
  [
    'spaces after commas',
    'a, b\n1, "x, y"\n',
    [
      ['a', 'b'],
      ['1', 'x, y'],
    ],
  ],
  [
    'line ends of Windows, blank lines',
    'a,b\r\n\r\n1,2\r\n  \r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'line ends of old',
    'a,b\r1,2\r3,4',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  [
    'lines in cells',
    'a,b\n"1\n2","x\r\ny"\n',
    [
      ['a', 'b'],
      ['1\n2', 'x\r\ny'],
    ],
  ],
  ['doubled marks', 'a\n"x ""y"""\n', [['a'], ['x "y"']]],
  [
    'marks behind backslashes',
    'a,b\n"x \\"y\\" z",2\n',
    [
      ['a', 'b'],
      ['x "y" z', '2'],
    ],
  ],
  [
    'folders that end in a backslash',
    'a,b\n"C:\\x\\","y"\n',
    [
      ['a', 'b'],
      ['C:\\x\\', 'y'],
    ],
  ],
])('a table with %s', (_what, text, cells) => {
  expect(cellsOf(text)).toEqual(cells);
  expect(rowsOf(text).every(({ stray }) => !stray)).toBe(true);
});

test.each([
  ['inches', 'a,b\n5" pipe,2\n', ['5" pipe', '2'], 'kept'],
  ['unescaped marks in a quoted cell', 'a,b\n"say "hi" now",1\n', ['say "hi" now', '1'], 'kept'],
  ['a cell that is quoted in part', 'a,b\n"x"y,"z"\n', ['xy', 'z'], 'dropped'],
  ['a mark that nothing closes', 'a,b\n1,"open\n2,next\n', ['1', '"open'], 'kept'],
  ['one that only the next quoted cell would close', 'a,b\n1,"open\n2,"next"\n', ['1', '"open'], 'kept'],
] as const)('%s do not cost the rows around them', (_what, text, cells, stray) => {
  const rows = rowsOf(text);
  expect(rows[1]).toEqual({ cells, lines: [2, 2], stray });
  expect(rows.length).toBe(text.split('\n').length - 1);
});

test('a line of many stray marks is read once, not again for each of them', () => {
  const cell = `say ${'"hi'.repeat(300_000)} now`;
  const reader = createRowReader({ delimiter: ',', escapes: 'double', skipsSpace: false });
  const rows = [...reader.read(`a,b\n"${cell}",1\n2,3\n`, true)].flat();
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['a', 'b'],
    [cell, '1'],
    ['2', '3'],
  ]);
});

test.each([
  ['without a line end', 'x,'],
  ['with a mark that nothing closes', '"x'],
])('a file %s is no table, and is not read to its end', (_what, start) => {
  const reader = createRowReader({ delimiter: ',', escapes: 'double', skipsSpace: false });
  expect([...reader.read(`a,b\n1,2\n${start}`, false)].flat().length).toBe(2);
  const piece = 'x'.repeat(2 ** 20);
  let pieces = 0;
  const read = () => {
    for (; pieces < 100; pieces++) [...reader.read(piece, false)];
  };
  expect(read).toThrow(/^Line 3 is longer than 16 MiB: the file is no table, or has no line ends/);
  expect(pieces).toBeLessThan(40);
});

test('the rows behind a mark that nothing closes are not all held at once', () => {
  const reader = createRowReader({ delimiter: ',', escapes: 'double', skipsSpace: false });
  const sizes = [...reader.read(`a,b\n1,"2\n${'3,4\n'.repeat(50_000)}`, true)].map(({ length }) => length);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(50_002);
  expect(Math.max(...sizes)).toBeLessThan(10_000);
});

test('a row tells its lines, whatever is in the cells above', () => {
  expect(rowsOf('a,b\n"1\n2",x\n\n3,y').map(({ lines }) => lines)).toEqual([
    [1, 1],
    [2, 3],
    [5, 5],
  ]);
});

test.each([
  ['the first row', 'a,b\n1,2\n', 0],
  ['the row below a title', 'Report of 2024\n\na,b\n1,2\n3,4\n', 1],
  ['the row below a title with delimiters', 'Report,,\na,b,c\nx,1,2\ny,3,4\n', 1],
  ['the row below comments', '# made by x\n# a, b, c\na,b\n1,2\n3,4\n', 2],
  ['a first row that looks like a comment, but is as wide as the table', '#a,b\n1,2\n3,4\n', 0],
  ['the first row, where the rows below differ in length', 'a\n1,2\n3,4,5\n', 0],
])('the names of the columns are in %s', (_what, text, index) => {
  expect(headerIndex(rowsOf(text))).toBe(index);
});

test.each([
  [['2024-01-01', '12.5', '7'], true],
  [['Country', '2023', '2024'], false],
  [['2023', '2024'], false],
  [['1.5'], false],
])('%j as a first row has no names: %s', (cells, expected) => {
  expect(isNameless(cells)).toBe(expected);
});

test('thousands of columns of one name are named once each', () => {
  const { names } = nameColumns(
    Array.from({ length: 16_000 }, () => 'x'),
    16_000,
  );
  expect(new Set(names).size).toBe(16_000);
  expect(names.at(-1)).toBe('x_16000');
});

test('columns without a name get one by their place, repeated ones a number, and none is lost', () => {
  const { names, notes } = nameColumns(['id', '', ' na\nme ', 'id', 'id_2', 'id'], 7);
  expect(names).toEqual(['id', 'column_2', 'na me', 'id_3', 'id_2', 'id_4', 'column_7']);
  expect(notes).toEqual([
    'columns without a name: column_2, column_7',
    'columns with the name of another: id_3, id_4',
  ]);
});
