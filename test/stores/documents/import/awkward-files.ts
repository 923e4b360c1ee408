import { gzipSync } from 'node:zlib';
import { Double, Long } from 'bson';
import type { TableOptions } from '../../../../src/stores/documents/import/table.ts';
import { ods, xlsx } from '../../../support/files/office.ts';
import { zip } from '../../../support/files/zip.ts';

/** What pandas is told to read the same file; or that it refuses it, or changes a value that import keeps. */
type Pandas =
  | { readonly [option: string]: string | number | boolean | null }
  | 'refuses'
  | `changes: ${string}`;

/** A file that a strict reader trips over. */
export interface AwkwardFile {
  readonly what: string;
  readonly ending: string;
  readonly content: string | Uint8Array;
  readonly options?: TableOptions & { readonly sheet?: string };
  /** The documents without their ids, or why there are none. */
  readonly expected: readonly Readonly<Record<string, unknown>>[] | RegExp;
  readonly pandas: Pandas;
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const bigEndian = (text: string): Buffer => utf16(text).swap16();
const day = (text: string): Date => new Date(`${text}Z`);
const ab = [
  { a: 1, b: 'x' },
  { a: 2, b: 'y' },
];

const csv = (
  what: string,
  content: string | Uint8Array,
  expected: AwkwardFile['expected'],
  pandas: Pandas = {},
  options: TableOptions = {},
): AwkwardFile => ({ what, ending: '.csv', content, expected, pandas, options });

const dialects: readonly AwkwardFile[] = [
  csv('semicolons', 'a;b\n1;x\n2;y\n', ab, { sep: ';' }),
  csv('tabs in a .csv', 'a\tb\n1\tx\n2\ty\n', ab, { sep: '\t' }),
  csv('vertical bars', 'a|b\n1|x\n2|y\n', ab, { sep: '|' }),
  { ...csv('commas in a .tsv', 'a,b\n1,x\n2,y\n', ab), ending: '.tsv' },
  csv('a delimiter that is told', 'a~b\n1~x\n2~y\n', ab, { sep: '~' }, { delimiter: '~' }),
  csv('a line that tells the delimiter', 'sep=;\r\na;b\r\n1;x\r\n2;y\r\n', ab, { sep: ';', skiprows: 1 }),
  csv(
    'semicolons and a comma in each row',
    'a;b, EUR\nx;1,5\ny;2,5\n',
    [
      { a: 'x', 'b, EUR': '1,5' },
      { a: 'y', 'b, EUR': '2,5' },
    ],
    { sep: ';' },
  ),
  csv(
    'decimal commas that are told',
    'a;b\n1,5;x\n-0,25;y\n',
    [
      { a: 1.5, b: 'x' },
      { a: -0.25, b: 'y' },
    ],
    { sep: ';', decimal: ',' },
    { decimal: ',' },
  ),
  csv('spaces after commas', 'a, b\n1, x\n2, y\n', ab, { skipinitialspace: true }),
  csv('one column', 'a\nx\ny\n', [{ a: 'x' }, { a: 'y' }]),
  csv('line ends of Windows', 'a,b\r\n1,x\r\n2,y\r\n', ab),
  csv('line ends of old Macs', 'a,b\r1,x\r2,y\r', ab),
  csv('line ends of all kinds', 'a,b\r\n1,x\n2,y\r', ab),
  csv('no line end at the end', 'a,b\n1,x\n2,y', ab),
  csv('blank lines', '\n\na,b\n\n1,x\n\n\n2,y\n\n', ab),
  csv('backslashes before quotation marks', 'a,b\n1,"x \\"y\\" z"\n', [{ a: 1, b: 'x "y" z' }], {
    escapechar: '\\',
  }),
  { ...csv('packed', gzipSync('a,b\n1,x\n2,y\n'), ab, { compression: 'gzip' }), ending: '.csv.gz' },
];

const encodings: readonly AwkwardFile[] = [
  csv('UTF-8 with a mark', '\ufeffa,b\n1,ü\n', [{ a: 1, b: 'ü' }]),
  csv('UTF-16 of Windows', utf16('a,b\n1,ü\n'), [{ a: 1, b: 'ü' }], { encoding: 'utf-16' }),
  csv('UTF-16, big end first', bigEndian('a,b\n1,ü\n'), [{ a: 1, b: 'ü' }], { encoding: 'utf-16' }),
  csv('UTF-16 without a mark', Buffer.from('a,b\n1,x\n', 'utf16le'), [{ a: 1, b: 'x' }], {
    encoding: 'utf-16-le',
  }),
  csv('Windows-1252', latin('name,price\nMüller,5 \x80\n'), [{ name: 'Müller', price: '5 €' }], {
    encoding: 'cp1252',
  }),
  csv(
    'Shift_JIS',
    Buffer.from('96bc914f2c8f5a8f8a0a936392862c938c8b9e0a', 'hex'),
    [{ 名前: '田中', 住所: '東京' }],
    { encoding: 'shift_jis' },
  ),
  csv(
    'an encoding that is told',
    latin('a\n5 \xa4\n'),
    [{ a: '5 €' }],
    { encoding: 'iso-8859-15' },
    { encoding: 'iso-8859-15' },
  ),
  csv(
    'a byte of UTF-8 that was damaged',
    Buffer.concat([Buffer.from('a,b\nü,ö\nä,ß\nß,'), Buffer.of(0xff, 0x0a)]),
    [
      { a: 'ü', b: 'ö' },
      { a: 'ä', b: 'ß' },
      { a: 'ß', b: '\ufffd' },
    ],
    { encoding_errors: 'replace' },
  ),
  csv('an encoding that it is not', latin('a\n\xe4\n'), /Line 2 is not utf-8 text/, 'refuses', {
    encoding: 'utf-8',
  }),
];

const headers: readonly AwkwardFile[] = [
  csv('a column without a name', 'a,,c\n1,2,3\n', [{ a: 1, column_2: 2, c: 3 }]),
  csv('a column that stands three times', 'a,a,a\n1,2,3\n', [{ a: 1, a_2: 2, a_3: 3 }]),
  csv('a repeated column beside the name it would get', 'a,a,a_2\n1,2,3\n', [{ a: 1, a_3: 2, a_2: 3 }]),
  csv('a delimiter at each end', 'a,b,\n1,x,\n2,y,\n', ab),
  csv('names over several lines', '"a\nmore",b\n1,x\n', [{ 'a more': 1, b: 'x' }]),
  csv('dots that are a path', 'a.b,a.c\n1,x\n', [{ a: { b: 1, c: 'x' } }]),
  csv('dots that are none', 'Nr.,approx. weight\n1,x\n', [{ Nr: 1, 'approx weight': 'x' }]),
  csv('a column inside another', 'a,a.b\n1,2\n', [{ a: 1, a_b: 2 }]),
  csv('dots that are kept', 'a.b,c.\n1,2\n', [{ 'a.b': 1, 'c.': 2 }], {}, { keepDots: true }),
  csv('a title above', 'Report of 2024\n\na,b\n1,x\n2,y\n', ab, { skiprows: 2 }),
  csv('comments above', '# made by a program\n# on, a, day\na,b\n1,x\n2,y\n', ab, { comment: '#' }),
  csv(
    'no names',
    '2024-01-01,12.5\n2024-01-02,7.5\n',
    [
      { column_1: day('2024-01-01'), column_2: 12.5 },
      { column_1: day('2024-01-02'), column_2: 7.5 },
    ],
    { header: null },
  ),
  csv(
    'no names that is told',
    'x,y\nz,w\n',
    [
      { column_1: 'x', column_2: 'y' },
      { column_1: 'z', column_2: 'w' },
    ],
    { header: null },
    { header: false },
  ),
  csv(
    'names of rows, as R writes them',
    'a,b\nr1,1,2\nr2,3,4\n',
    [
      { column_1: 'r1', a: 1, b: 2 },
      { column_1: 'r2', a: 3, b: 4 },
    ],
    { index_col: false, names: 'r,a,b', header: 0 },
  ),
  csv('a header alone', 'a,b\n', []),
  csv('nothing', '', [], 'refuses'),
];

const rows: readonly AwkwardFile[] = [
  csv('a short row', 'a,b\n1,x\n2\n', [{ a: 1, b: 'x' }, { a: 2 }]),
  csv(
    'a long row',
    'a,b\n1,x\n2,y,z\n',
    [
      { a: 1, b: 'x' },
      { a: 2, b: 'y', column_3: 'z' },
    ],
    'refuses',
  ),
  csv('rows of delimiters', 'a,b\n1,x\n,\n', [{ a: 1, b: 'x' }, {}]),
  csv(
    'a mark that nothing closes',
    'a,b\n1,"x\n2,y\n',
    [
      { a: 1, b: '"x' },
      { a: 2, b: 'y' },
    ],
    'refuses',
  ),
  csv('inches', 'a,b\n1,5" pipe\n', [{ a: 1, b: '5" pipe' }]),
  csv(
    'marks that were not doubled',
    'a,b\n1,"say "hi" now"\n',
    [{ a: 1, b: 'say "hi" now' }],
    'changes: drops a quotation mark',
  ),
  csv('a cell that is quoted in part', 'a,b\n1,"x"y\n', [{ a: 1, b: 'xy' }]),
  csv('lines and delimiters in cells', 'a,b\n1,"x\n,y"\n2,z\n', [
    { a: 1, b: 'x\n,y' },
    { a: 2, b: 'z' },
  ]),
  csv(
    'a page instead of a table',
    '<!DOCTYPE html>\n<html></html>\n',
    /Line 1 begins an HTML page/,
    'changes: reads the page',
  ),
  csv('NUL characters', 'a,b\n1,\0\n', /Line 2 is not text/, 'changes: reads them'),
  csv('an archive with the wrong ending', zip({ 'a.txt': 'x' }), /ZIP archive/, 'refuses'),
];

const values: readonly AwkwardFile[] = [
  csv(
    'codes with leading zeros',
    'a,b\n00501,1\n10001,2\n',
    [
      { a: '00501', b: 1 },
      { a: '10001', b: 2 },
    ],
    'changes: drops the zeros',
  ),
  csv('whole numbers of 64 bits', 'a\n-9223372036854775808\n9223372036854775807\n9007199254740993\n', [
    { a: Long.MIN_VALUE },
    { a: Long.MAX_VALUE },
    { a: Long.fromString('9007199254740993') },
  ]),
  csv(
    'a whole number beyond',
    'a\n12345678901234567890\n',
    [{ a: '12345678901234567890' }],
    'changes: has a number without a sign',
  ),
  csv('a number beyond a double', 'a\n1e400\n', [{ a: '1e400' }], 'changes: makes it infinite'),
  csv('a fraction among whole numbers, and a zero below zero', 'a\n1\n0.1\n-0\n', [
    { a: new Double(1) },
    { a: 0.1 },
    { a: -0 },
  ]),
  csv(
    'a fraction among numbers that no double holds',
    'a\n0.5\n9007199254740993\n',
    [{ a: '0.5' }, { a: '9007199254740993' }],
    'changes: loses a digit',
  ),
  csv('marks of thousands', 'a,b\n"1,234",x\n"5,678",y\n', [
    { a: '1,234', b: 'x' },
    { a: '5,678', b: 'y' },
  ]),
  csv('words for nothing', 'a,b\n1,NA\n2,null\n', [
    { a: 1, b: 'NA' },
    { a: 2, b: 'null' },
  ]),
  csv('days in three notations', 'a\n2024-01-02\n02.01.2024\n1/2/2024\n', [
    { a: '2024-01-02' },
    { a: '02.01.2024' },
    { a: '1/2/2024' },
  ]),
];

const sheet = (
  what: string,
  ending: '.xlsx' | '.ods',
  content: Uint8Array,
  expected: AwkwardFile['expected'],
  pandas: Pandas = {},
  name?: string,
): AwkwardFile => ({
  what,
  ending,
  content,
  expected,
  pandas,
  options: name === undefined ? {} : { sheet: name },
});

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const sheetXml = (cells: string, after = ''): Record<string, string> => ({
  'xl/worksheets/sheet1.xml': `<worksheet ${main}><sheetData>${cells}</sheetData>${after}</worksheet>`,
});
const text = (value: string, at = ''): string => `<c ${at} t="inlineStr"><is><t>${value}</t></is></c>`;
const styled = (cells: string, formats: readonly string[]): Buffer => {
  const numFmts = formats.map((code, i) => `<numFmt numFmtId="${200 + i}" formatCode="${code}"/>`).join('');
  const xfs = formats
    .map((_, i) => `<xf numFmtId="${200 + i}" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"/>`)
    .join('');
  return xlsx(
    { Data: [['a']] },
    {
      ...sheetXml(cells),
      'xl/styles.xml': `<styleSheet ${main}><numFmts count="${formats.length}">${numFmts}</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="${formats.length}">${xfs}</cellXfs></styleSheet>`,
      'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`,
    },
  );
};

const sheets: readonly AwkwardFile[] = [
  sheet(
    'a sheet',
    '.xlsx',
    xlsx({
      Data: [
        ['a', 'b'],
        [1, 'x'],
        [2, 'y'],
      ],
    }),
    ab,
  ),
  sheet(
    'one of several sheets',
    '.xlsx',
    xlsx({
      Notes: [['n'], ['z']],
      Data: [
        ['a', 'b'],
        [1, 'x'],
        [2, 'y'],
      ],
    }),
    ab,
    { sheet_name: 'Data' },
    'Data',
  ),
  sheet(
    'a sheet that is not there',
    '.xlsx',
    xlsx({ Data: [['a'], [1]] }),
    /no sheet "Dtaa" with values: did you mean "Data"/,
    {},
    'Dtaa',
  ),
  sheet(
    'codes that are text, and fractions',
    '.xlsx',
    xlsx({
      Data: [
        ['a', 'b'],
        ['00501', 1.5],
        ['7', 2],
      ],
    }),
    [
      { a: '00501', b: 1.5 },
      { a: '7', b: new Double(2) },
    ],
    'changes: drops the zeros',
  ),
  sheet(
    'cells without references',
    '.xlsx',
    xlsx(
      { Data: [['a']] },
      sheetXml(`<row>${text('a')}${text('b')}</row><row><c><v>1</v></c>${text('x')}</row>`),
    ),
    [{ a: 1, b: 'x' }],
  ),
  sheet(
    'gaps and empty rows',
    '.xlsx',
    xlsx({ Data: [['a', 'b', 'c'], [1, null, 'x'], [], [null, 2, 'y']] }),
    [
      { a: 1, c: 'x' },
      { b: 2, c: 'y' },
    ],
    'changes: makes a row of the empty one',
  ),
  sheet(
    'dates, times and durations',
    '.xlsx',
    styled(
      `<row r="1">${text('day', 'r="A1"')}${text('at', 'r="B1"')}${text('lasts', 'r="C1"')}</row><row r="2"><c r="A2" s="0"><v>45356</v></c><c r="B2" s="1"><v>45356.60416666666</v></c><c r="C2" s="2"><v>1.25347222222222</v></c></row>`,
      ['yyyy-mm-dd', 'dd.mm.yyyy hh:mm', '[h]:mm'],
    ),
    [{ day: day('2024-03-05'), at: day('2024-03-05T14:30'), lasts: '30:05' }],
    'changes: its duration has another form',
  ),
  sheet(
    'numbers of more digits than a double keeps',
    '.xlsx',
    xlsx(
      { Data: [['a']] },
      sheetXml(
        `<row r="1">${text('a', 'r="A1"')}</row>${['1', '9007199254740993', '12345678901234567890']
          .map((value, i) => `<row r="${i + 2}"><c r="A${i + 2}"><v>${value}</v></c></row>`)
          .join('')}`,
      ),
    ),
    [{ a: 1 }, { a: Long.fromString('9007199254740993') }, { a: '12345678901234567890' }],
    'changes: its last number is another',
  ),
  sheet(
    'merged cells',
    '.xlsx',
    xlsx(
      { Data: [['a']] },
      sheetXml(
        `<row r="1">${text('region', 'r="A1"')}${text('n', 'r="B1"')}</row><row r="2">${text('North', 'r="A2"')}<c r="B2"><v>1</v></c></row><row r="3"><c r="B3"><v>2</v></c></row>`,
        '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>',
      ),
    ),
    [
      { region: 'North', n: 1 },
      { region: 'North', n: 2 },
    ],
    'changes: has it in the first row only',
  ),
  sheet('a title above', '.xlsx', xlsx({ Data: [['Report'], [], ['a', 'b'], [1, 'x'], [2, 'y']] }), ab, {
    skiprows: 2,
  }),
  sheet(
    'repeated and missing names',
    '.xlsx',
    xlsx({
      Data: [
        ['a', 'a', null, 'd'],
        [1, 2, 3, 4],
      ],
    }),
    [{ a: 1, a_2: 2, column_3: 3, d: 4 }],
  ),
  sheet(
    'booleans and errors',
    '.xlsx',
    xlsx(
      { Data: [['a']] },
      sheetXml(
        `<row r="1">${text('a', 'r="A1"')}${text('b', 'r="B1"')}</row><row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" t="e"><v>#N/A</v></c></row>`,
      ),
    ),
    [{ a: true, b: '#N/A' }],
    'changes: leaves the error out',
  ),
  sheet(
    'a damaged workbook',
    '.xlsx',
    xlsx({ Data: [['a'], [1]] }).subarray(0, 400),
    /cannot be read: damaged/,
    'refuses',
  ),
  sheet(
    'text with the ending of a workbook',
    '.xlsx',
    Buffer.from('a,b\n1,x\n'),
    /its content is text|cannot be read/,
    'refuses',
  ),
  sheet(
    'a sheet of LibreOffice',
    '.ods',
    ods({
      Data: [
        ['a', 'b', 'c', 'd'],
        [1, 'x', day('2024-03-05'), true],
        [2.5, null, null, false],
      ],
    }),
    [
      { a: new Double(1), b: 'x', c: day('2024-03-05'), d: true },
      { a: 2.5, d: false },
    ],
  ),
  sheet(
    'a title and years in names',
    '.xlsx',
    xlsx({
      Data: [
        ['Report', null, null],
        ['plant', 'in 2023', 'in 2024'],
        ['North', 1, 2],
      ],
    }),
    [{ plant: 'North', 'in 2023': 1, 'in 2024': 2 }],
    { skiprows: 1 },
  ),
  sheet(
    'numbers alone',
    '.xlsx',
    xlsx({
      Data: [
        [1, 2.5],
        [3, 4.5],
      ],
    }),
    [
      { column_1: 1, column_2: 2.5 },
      { column_1: 3, column_2: 4.5 },
    ],
    { header: null },
  ),
  sheet('an empty workbook', '.ods', ods({ Data: [] }), /holds no values/, 'changes: has no rows'),
];

export const awkwardFiles: readonly AwkwardFile[] = [
  ...dialects,
  ...encodings,
  ...headers,
  ...rows,
  ...values,
  ...sheets,
];
