import { expect, test } from 'vitest';
import { decodeText } from '../../../src/library/reading/decode.ts';
import { loadCsv } from '../../../src/library/reading/loaders/csv.ts';

type Case = readonly [what: string, text: string, rows: readonly string[]];

/** The passages of a table, each after its lines. */
const rowsOf = (text: string): readonly string[] =>
  loadCsv(text, 'x.csv').blocks.map(({ lines: [first, last], text: row }) =>
    first === last ? `${first} ${row}` : `${first}-${last} ${row}`,
  );

const salt = ['2 name: salt; price: 1,5', '3 name: pepper; price: 2'];

test.each<Case>([
  ['semicolons, beside decimal commas', 'name;price\nsalt;1,5\npepper;2\n', salt],
  ['tabs', 'name\tprice\nsalt\t1,5\npepper\t2\n', salt],
  ['vertical bars', 'name|price\nsalt|1,5\npepper|2\n', salt],
  ['commas, with decimal commas in quotes', 'name,price\nsalt,"1,5"\npepper,2\n', salt],
  [
    'semicolons, beside more commas in quotes',
    'a;b\n1;"x, y; z"\n2;"v, w"\n',
    ['2 a: 1; b: x, y; z', '3 a: 2; b: v, w'],
  ],
  [
    'commas, beside more semicolons in quotes',
    'a,b\n1,"x;y;z"\n2,"u;v;w"\n',
    ['2 a: 1; b: x;y;z', '3 a: 2; b: u;v;w'],
  ],
  [
    'commas, beside line ends in quotes',
    'a,b\n1,"x;\ny;"\n2,"u;\nv;"\n',
    ['2-3 a: 1; b: x; y;', '4-5 a: 2; b: u; v;'],
  ],
  ['semicolons, with marks of thousands', 'a;b\nx;1.234,56\ny;1\n', ['2 a: x; b: 1.234,56', '3 a: y; b: 1']],
  ['a decimal comma in each cell', 'a;b\n1,5;2,5\n3,5;4,5\n', ['2 a: 1,5; b: 2,5', '3 a: 3,5; b: 4,5']],
  ['nothing', 'name\nsalt\npepper\n', ['2 name: salt', '3 name: pepper']],
])('cells are separated by %s', (_what, text, rows) => expect(rowsOf(text)).toEqual(rows));

test.each<Case>([
  ['as Excel writes it', 'sep=;\r\na;b\r\n1;x\r\n', ['3 a: 1; b: x']],
  ['against what divides the rows better', 'sep=,\na;1,b\n1;2,x\n', ['3 a;1: 1;2; b: x']],
  ['in capitals, of a tab', 'SEP=\t\na\tb\n1\tx\n', ['3 a: 1; b: x']],
])('a first line tells the delimiter, and is no row: %s', (_what, text, rows) =>
  expect(rowsOf(text)).toEqual(rows),
);

const table = 'name,price,unit\nsalt,5,kg\npepper,6,kg\n';
const named = (line: number): readonly string[] => [
  `${line} name: salt; price: 5; unit: kg`,
  `${line + 1} name: pepper; price: 6; unit: kg`,
];

test.each<Case>([
  ['a title', `Report of 2024\n${table}`, ['1 Report of 2024', ...named(3)]],
  ['a title and a blank line', `Report of 2024\n\n${table}`, ['1 Report of 2024', ...named(4)]],
  ['a title with the delimiters of empty cells', `Report,,\n,,\n${table}`, ['1 Report', ...named(4)]],
  ['a comment', `# made by a program\n${table}`, ['1 # made by a program', ...named(3)]],
  ['a comment with delimiters', `# on, a day\n${table}`, ['1 # on a day', ...named(3)]],
  [
    'a title, where a note stands below',
    `Report\n${table}\nSource: office\n`,
    ['1 Report', ...named(3), '6 name: Source: office'],
  ],
  [
    'a title, where a row is short',
    `Report\n${table}sugar,7\n`,
    ['1 Report', ...named(3), '5 name: sugar; price: 7'],
  ],
  [
    'names with their values, and a blank line',
    `Station,Bern\nUnit,EUR\n\n${table}`,
    ['1 Station Bern', '2 Unit EUR', ...named(5)],
  ],
  [
    'a title with a delimiter, and a blank line',
    `Report of May, 2024\n\n${table}`,
    ['1 Report of May 2024', ...named(4)],
  ],
  [
    'a comment as wide as the table',
    `# made by, on 2024-05-01, at night\n${table}`,
    ['1 # made by on 2024-05-01 at night', ...named(3)],
  ],
  ['several comments', `## made\n# by, a, program\n${table}`, ['1 ## made', '2 # by a program', ...named(4)]],
  [
    'a comment of words above words',
    '# list of our staff, by name\nname,city\nAda,Meran\nBob,Kiel\n',
    ['1 # list of our staff by name', '3 name: Ada; city: Meran', '4 name: Bob; city: Kiel'],
  ],
  [
    'two rows as wide as the table, and a blank line',
    'Author,Max\nNote,Pasted\n\nsample,mass\nA1,12.5\nA2,13.1\n',
    ['1 Author Max', '2 Note Pasted', '5 sample: A1; mass: 12.5', '6 sample: A2; mass: 13.1'],
  ],
  [
    'two rows as wide as the table, of which one is a text',
    'Author,Max\nNote,We paste the values here\nsample,mass\nA1,12.5\nA2,13.1\n',
    [
      '1 Author Max',
      '2 Note We paste the values here',
      '4 sample: A1; mass: 12.5',
      '5 sample: A2; mass: 13.1',
    ],
  ],
  [
    'labels with their values, as wide as the table',
    'Author:,Max\nDay:,2024-05-01\nsample,mass\nA1,12.5\nA2,13.1\n',
    ['1 Author: Max', '2 Day: 2024-05-01', '4 sample: A1; mass: 12.5', '5 sample: A2; mass: 13.1'],
  ],
])('what stands above the header is a passage, and names no column: %s', (_what, text, rows) =>
  expect(rowsOf(text)).toEqual(rows),
);

test.each<Case>([
  ['a comment between rows', 'a,b\n# later\n1,x\n', ['2 a: # later', '3 a: 1; b: x']],
  ['a header that begins as a comment', '#a,b\n1,x\n', ['2 #a: 1; b: x']],
  [
    'a header that begins as a comment, above words',
    '#id,name\na1,Ada\nb2,Bob\n',
    ['2 #id: a1; name: Ada', '3 #id: b2; name: Bob'],
  ],
  ['a header behind a sign of comments', '# x, y\n1, 2\n3, 4\n', ['2 # x: 1; y: 2', '3 # x: 3; y: 4']],
  [
    'words where others have numbers',
    'name,score\nAda,absent\nBob,3\nEva,4\n',
    ['2 name: Ada; score: absent', '3 name: Bob; score: 3', '4 name: Eva; score: 4'],
  ],
  [
    'a text where others have numbers',
    'name,score\nAda,was not there today\nBob,3\nEva,4\n',
    ['2 name: Ada; score: was not there today', '3 name: Bob; score: 3', '4 name: Eva; score: 4'],
  ],
  [
    'a longer table of the same width below another',
    'a,b\n1,2\n\nc,d\n3,4\n5,6\n',
    ['2 a: 1; b: 2', '4 a: c; b: d', '5 a: 3; b: 4', '6 a: 5; b: 6'],
  ],
  [
    'columns without values, which are named once',
    'a,b,c,d\n1,,2,\n3, ,4,\n',
    ['1 columns without values: b; d', '2 a: 1; c: 2', '3 a: 3; c: 4'],
  ],
  [
    'columns without values below a title',
    'Report\na,b,c\n1,,2\n3,,4\n',
    ['1 Report', '2 columns without values: b', '3 a: 1; c: 2', '4 a: 3; c: 4'],
  ],
  [
    'a header with fewer names than cells',
    'a,b\nx,y,z\n1,2,3\n4,5\n',
    ['2 a: x; b: y; column_3: z', '3 a: 1; b: 2; column_3: 3', '4 a: 4; b: 5'],
  ],
  [
    'short and long rows',
    'a,b\n1\n2,x,y,z\n3,w\n',
    ['2 a: 1', '3 a: 2; b: x; column_3: y; column_4: z', '4 a: 3; b: w'],
  ],
  ['no header', '1,2\n3,4\n', ['1 column_1: 1; column_2: 2', '2 column_1: 3; column_2: 4']],
  ['names that are repeated or missing', 'a,a,,a\n1,2,3,4\n', ['2 a: 1; a_2: 2; column_3: 3; a_3: 4']],
  ['no names at all', ',\n1,2\n', ['2 column_1: 1; column_2: 2']],
  [
    'blank lines, and rows of delimiters',
    '\n\na,b\n\n1,x\n   \n,\n2,y\n\n',
    ['5 a: 1; b: x', '8 a: 2; b: y'],
  ],
  ['line ends in cells', 'a,b\n"1\n2","x\r\ny"\n3,z\n', ['2-4 a: 1 2; b: x y', '5 a: 3; b: z']],
  ['line ends of old Macs', 'a,b\r1,x\r2,y', ['2 a: 1; b: x', '3 a: 2; b: y']],
  ['two tables', 'a,b\n1,2\n\nc,d\n3,4\n', ['2 a: 1; b: 2', '4 a: c; b: d', '5 a: 3; b: 4']],
  ['a header alone', 'name,price\n', ['1 name price']],
  [
    'the names of rows, one more than the header says',
    'a,b\nr1,x,y\nr2,5,6\n',
    ['2 column_1: r1; a: x; b: y', '3 column_1: r2; a: 5; b: 6'],
  ],
  [
    'a longer table below another',
    'a,b\n1,2\n3,4\n\nc,d,e\n5,6,7\n',
    ['2 a: 1; b: 2', '3 a: 3; b: 4', '5 a: c; b: d; column_3: e', '6 a: 5; b: 6; column_3: 7'],
  ],
  ['a line alone', 'Nothing to report\n', ['1 Nothing to report']],
  ['nothing', '\n\n', []],
])('a table may have %s', (_what, text, rows) => expect(rowsOf(text)).toEqual(rows));

test.each([
  ['in the last cell', 'a,b\n1,"x\n2,y\n3,z\n', '2 a: 1; b: "x', 2],
  ['in the first cell', 'a,b\n"1,x\n2,y\n3,z\n', '2 a: "1; b: x', 2],
  ['before cells that are quoted well', 'a,b\n1,"x\n2,y\n3,"z"\n', '2 a: 1; b: "x', 2],
  ['beside semicolons', 'a;b\n1;"x\n2;y\n3;z\n', '2 a: 1; b: "x', 2],
  ['for inches', 'a,b\n1,5" pipe\n2,y\n3,z\n', '2 a: 1; b: 5" pipe', 2],
  ['twice in a quoted cell', 'a,b\n1,"say "hi" now"\n2,y\n3,z\n', '2 a: 1; b: say "hi" now', 2],
])('a bad quotation mark costs its line only, which a remark names: %s', (_what, text, row, line) => {
  expect(rowsOf(text)).toEqual([row, '3 a: 2; b: y', '4 a: 3; b: z']);
  expect(loadCsv(text, 'x.csv').remarks).toEqual([expect.stringContaining(`(line ${line})`)]);
});

const umlauts = 'a;b\nü;1,5\n';
test.each([
  ['UTF-8 with a mark', Buffer.from(`\ufeff${umlauts}`)],
  ['UTF-16 with a mark', Buffer.from(`\ufeff${umlauts}`, 'utf16le')],
  ['UTF-16, big end first', Buffer.from(`\ufeff${umlauts}`, 'utf16le').swap16()],
  ['UTF-16 without a mark', Buffer.from(umlauts, 'utf16le')],
  ['Windows-1252', Buffer.from(umlauts, 'latin1')],
  ['UTF-8 with a mark before the line that tells the delimiter', Buffer.from(`\ufeffsep=;\n${umlauts}`)],
])('a table may be %s', (_what, bytes) => {
  expect(rowsOf(decodeText(bytes).text).map((row) => row.slice(2))).toEqual(['a: ü; b: 1,5']);
});

test('a text of rows keeps the lines of its file, also below a title over several lines', () => {
  const { text, blocks } = loadCsv('"Report\nof May"\na;b\n1;"x\ny"\n2;z\n', 'x.csv');

  expect(text.split('\n')).toEqual(['Report of May', '', 'a;b', 'a: 1; b: x y', '', 'a: 2; b: z', '']);
  expect(blocks.map(({ lines }) => lines)).toEqual([
    [1, 2],
    [4, 5],
    [6, 6],
  ]);
});

test('a text of rows keeps its header, also where columns have no values', () => {
  expect(loadCsv('a;b;c\n1;;2\n3;;4\n', 'x.csv').text).toBe('a;b;c\na: 1; c: 2\na: 3; c: 4\n');
});
