import { Decimal128, Double, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import type { ImportOptions } from '../../../../src/stores/documents/import/import.ts';
import { useStore, withoutIds } from './support.ts';

const bench = useStore();

test.each([
  ['whole numbers', 'n\n1\n-2\n', 'int', [{ n: 1 }, { n: -2 }]],
  ['numbers with a fraction, all as doubles', 'n\n1\n2.5\n', 'double', [{ n: new Double(1) }, { n: 2.5 }]],
  [
    '64-bit numbers',
    'n\n1\n9007199254740993\n',
    'long',
    [{ n: Long.fromNumber(1) }, { n: Long.fromString('9007199254740993') }],
  ],
  [
    'numbers with more digits than 64 bits',
    'n\n12345678901234567890\n',
    'string',
    [{ n: '12345678901234567890' }],
  ],
  ['codes with a leading zero', 'n\n007\n042\n', 'string', [{ n: '007' }, { n: '042' }]],
  ['empty cells, which are missing fields', 'a,n\n1,\n2,true\n', 'boolean', [{ a: 1 }, { a: 2, n: true }]],
  ['booleans', 'n\ntrue\nFALSE\n', 'boolean', [{ n: true }, { n: false }]],
  ['a zero below zero, which only a double has', 'n\n-0\n1\n', 'double', [{ n: -0 }, { n: new Double(1) }]],
  ['more than a double holds', 'n\n1e400\n', 'string', [{ n: '1e400' }]],
  ['less than a double holds', 'n\n1e-400\n0.5\n', 'string', [{ n: '1e-400' }, { n: '0.5' }]],
  ['digits that a double changes', 'n\n9007199254740993.0\n', 'string', [{ n: '9007199254740993.0' }]],
  [
    'digits by which programs write doubles',
    'n\n0.10000000000000001\n236525982268168.62\n2.50\n5e-324\n',
    'double',
    [{ n: 0.1 }, { n: 236525982268168.62 }, { n: 2.5 }, { n: 5e-324 }],
  ],
  ['numbers between spaces', 'n\n 1 \n2\n', 'int', [{ n: 1 }, { n: 2 }]],
  ['days', 'n\n2026-01-31\n', 'date', [{ n: new Date('2026-01-31') }]],
  ['moments', 'n\n2026-01-31T10:00:00+01:00\n', 'date', [{ n: new Date('2026-01-31T09:00:00Z') }]],
  [
    'moments without a zone, which may mean any',
    'n\n2026-01-31 10:00\n',
    'string',
    [{ n: '2026-01-31 10:00' }],
  ],
  ['days that no month has', 'n\n2026-02-30\n', 'string', [{ n: '2026-02-30' }]],
  ['nothing', 'a,n\n1,\n', 'string', [{ a: 1 }]],
])('a column of %s', async (_what, text, type, documents) => {
  const { file, bring, things } = await bench();
  const { columns } = await bring(await file('x.csv', text));
  expect(columns?.find(({ field }) => field === 'n')?.type).toBe(type);
  expect(withoutIds(await things())).toEqual(documents);
});

test('a mixed column stays text, and the report says how many cells are odd and where the first is', async () => {
  const { file, bring, things } = await bench();
  const rows = Array.from({ length: 2_000 }, (_, n) => (n === 1_500 ? 'n/a' : String(n)));
  const { columns } = await bring(await file('x.csv', `year\n${rows.join('\n')}\n`));
  expect(columns).toEqual([
    {
      field: 'year',
      type: 'string',
      mostly: 'int',
      filled: 2_000,
      odd: 1,
      example: { at: 1_502, text: 'n/a' },
    },
  ]);
  expect((await things())[0]).toMatchObject({ year: '0' });
});

test('a double that is asked for is rounded, but never to zero or without end, and what it costs is said where not', async () => {
  const { file, bring, things } = await bench();
  const path = await file('x.csv', 'n\n9007199254740993.0\n1e-400\n1e400\n');
  const { columns } = await bring(path);
  expect(columns?.[0]).toMatchObject({
    type: 'string',
    odd: 0,
    hint: 'is text, since a double would change "9007199254740993.0" in line 2: --type n=decimal keeps all digits, =double rounds',
  });
  await bring(path, { drop: true, types: { n: 'double' } });
  expect(withoutIds(await things())).toEqual([{ n: 9007199254740992 }, { n: '1e-400' }, { n: '1e400' }]);
  await bring(path, { drop: true, types: { n: 'decimal' } });
  expect((await things()).map(({ n }) => String(n))).toEqual(['9007199254740993.0', '1E-400', '1E+400']);
});

test('a type that is told is given; what does not fit it stays text and is counted', async () => {
  const { file, bring, things } = await bench();
  const text =
    'year,code,id,price,at,yes\n2020,7,65f0a0a0a0a0a0a0a0a0a0a0,1.10,2026-01-31 10:00,yes\nn/a,08,,,,no\n';
  const types = { year: 'int', code: 'string', id: 'objectId', price: 'decimal', at: 'date', yes: 'boolean' };
  const { columns } = await bring(await file('x.csv', text), { types });
  expect(columns?.[0]).toEqual({
    field: 'year',
    type: 'int',
    filled: 2,
    odd: 1,
    example: { at: 3, text: 'n/a' },
  });
  expect(withoutIds(await things())).toEqual([
    {
      year: 2020,
      code: '7',
      id: new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0'),
      price: Decimal128.fromString('1.10'),
      at: new Date('2026-01-31T10:00:00Z'),
      yes: true,
    },
    { year: 'n/a', code: '08', yes: false },
  ]);
});

test.each([
  ['a column that is not there', { yaer: 'int' }, /no column "yaer".*"year"/],
  ['a type that is none', { year: 'number' }, /"number" is not a column type: string, int/],
])('%s is refused', async (_what, types, message) => {
  const { file, bring } = await bench();
  await expect(bring(await file('x.csv', 'year\n1\n'), { types })).rejects.toThrow(message);
});

test('types of columns are refused for a format that has its own', async () => {
  const { file, bring } = await bench();
  const path = await file('x.jsonl', '{"a":1}');
  await expect(bring(path, { types: { a: 'int' } })).rejects.toThrow(
    /are for tables.*In JSON, a date is \{"\$date":"2026-01-31T10:00:00Z"\}/,
  );
});

test.each([
  ['tabs', 'x.tsv', 'a\tb\n1\tx,y\n', [{ a: 1, b: 'x,y' }]],
  ['semicolons', 'x.csv', 'a;b\n1;x\n', [{ a: 1, b: 'x' }]],
  ['quoted cells over lines', 'x.csv', 'a,b\n1,"x\n""y"""\n', [{ a: 1, b: 'x\n"y"' }]],
  ['dotted columns, as inner documents', 'x.csv', 'a.b,a.c\n1,x\n', [{ a: { b: 1, c: 'x' } }]],
])('a table with %s', async (_what, name, text, documents) => {
  const { file, bring, things } = await bench();
  await bring(await file(name, text));
  expect(withoutIds(await things())).toEqual(documents);
});

test.each([
  ['a row that is too long', 'a,b\n1,2,3\n', [{ a: 1, b: 2, column_3: 3 }], /1 row is longer.*line 2/],
  ['a row that is too short', 'a,b\n1,2\n3\n', [{ a: 1, b: 2 }, { a: 3 }], /1 row is shorter.*line 3/],
  ['a column that stands twice', 'a,a\n1,2\n', [{ a: 1, a_2: 2 }], /name of another: a_2/],
  ['a column inside another', 'a,a.b\n1,2\n', [{ a: 1, a_b: 2 }], /"a\.b" is a_b/],
  ['a column without a name', 'a,\n1,2\n', [{ a: 1, column_2: 2 }], /without a name: column_2/],
  ['a stray mark', 'a,b\n1,5" pipe\n', [{ a: 1, b: '5" pipe' }], /stray quotation mark.*line 2/],
  ['a mark inside a word', 'a,b\n1,in"ch\n', [{ a: 1, b: 'in"ch' }], /mark, kept as it is \(line 2\)/],
  ['a mark that opens nothing', 'a,b\n1,"x\n', [{ a: 1, b: '"x' }], /mark, kept as it is \(line 2\)/],
  [
    'text behind a quoted part',
    'a,b\n1,"q"z\n',
    [{ a: 1, b: 'qz' }],
    /^1 row has text behind a quoted part.*marks around the part were dropped \(line 2\)$/,
  ],
  ['a remark above', 'Report\n\na,b\n1,2\n', [{ a: 1, b: 2 }], /above the header, left out: line 1/],
  [
    'Windows-1252',
    Buffer.from('a,b\n\xe4\u0080,1\n', 'latin1'),
    [{ a: 'ä€', b: 1 }],
    /^read as Windows-1252, e\.g\. "ä"; --encoding says otherwise$/,
  ],
  [
    'a damaged byte',
    Buffer.concat([Buffer.from('a\nääää\nöü\nß\n'), Buffer.of(0xff)]),
    undefined,
    /1 byte is not UTF-8.*line 5/,
  ],
  ['UTF-16', Buffer.from('\ufeffa\tb\n1\tx\n', 'utf16le'), [{ a: 1, b: 'x' }], /separated by tabs/],
  [
    'no names',
    '2024-01-01,12.5\n2024-01-02,7\n',
    [
      { column_1: new Date('2024-01-01'), column_2: 12.5 },
      { column_1: new Date('2024-01-02'), column_2: new Double(7) },
    ],
    /holds values, not names/,
  ],
  [
    'names of rows, as R writes them',
    'a,b\nx,1,2\ny,3,4\n',
    [
      { column_1: 'x', a: 1, b: 2 },
      { column_1: 'y', a: 3, b: 4 },
    ],
    /the first column has no name/,
  ],
  ['decimal commas', 'a;b\n1,5;x\n', [{ a: '1,5', b: 'x' }], /cells are separated by semicolons/],
])('a table with %s is read, and that is told', async (_what, text, documents, note) => {
  const { file, bring, things } = await bench();
  const { notes } = await bring(await file('x.csv', text));
  if (documents) expect(withoutIds(await things())).toEqual(documents);
  expect(notes.join('\n')).toMatch(note);
});

test.each([
  ['an archive', Buffer.from('PK\u0003\u0004'), /ZIP archive, as \.xlsx/],
  ['a page', '<!DOCTYPE html><html>', /Line 1 begins an HTML page/],
  ['NUL', 'a\n\0\n', /Line 2 is not text/],
])('%s with the name of a table is refused before anything is written', async (_what, text, message) => {
  const { file, bring, things } = await bench();
  await expect(bring(await file('x.csv', text))).rejects.toThrow(message);
  await expect(things()).rejects.toMatchObject({ code: 'not_found' });
});

test('what is told is believed: encoding, delimiter, decimal mark, dots and header', async () => {
  const { file, bring, things } = await bench();
  const text = Buffer.from('a.b^c\n1,5^\xa4\n', 'latin1');
  const told = { encoding: 'iso-8859-15', delimiter: '^', decimal: ',', keepDots: true } as const;
  await bring(await file('x.csv', text), told);
  expect(withoutIds(await things())).toEqual([{ 'a.b': 1.5, c: '€' }]);
  const { notes } = await bring(await file('y.csv', 'a,b\n1,2\n'), { drop: true, header: false });
  expect(withoutIds(await things())).toEqual([
    { column_1: 'a', column_2: 'b' },
    { column_1: '1', column_2: '2' },
  ]);
  expect(notes).toEqual(['columns without a name: column_1, column_2']);
});

test.each([
  ['an encoding that is none', { encoding: 'klingon' }, /"klingon" is not a known encoding/],
  ['one that is not that of the file', { encoding: 'utf-8' }, /Line 2 is not utf-8 text/],
  ['a delimiter of two characters', { delimiter: '::' }, /--delimiter takes one character/],
])('%s is refused', async (_what, options, message) => {
  const { file, bring } = await bench();
  await expect(bring(await file('x.csv', Buffer.from('a\n\xe4\n', 'latin1')), options)).rejects.toThrow(
    message,
  );
});

test('thousands are never guessed, whatever the decimal mark', async () => {
  const { file, bring, things } = await bench();
  const path = await file('x.csv', 'a;b\n1.234;1.234,5\n2;3\n');
  await bring(path, { decimal: ',' });
  expect(withoutIds(await things())).toEqual([
    { a: '1.234', b: '1.234,5' },
    { a: '2', b: '3' },
  ]);
});

const prices = 'Ware;Preis;Menge\na;3,50;1.200\nb;4,20;950\nc;2,95;2.300\nd;5,00;80\n';
const amounts = async (options: Partial<ImportOptions>, text = prices) => {
  const { file, bring, things } = await bench();
  const { columns = [] } = await bring(await file('x.csv', text), options);
  const found = columns.find(({ field }) => field === 'Menge');
  return { column: found, columns, values: (await things()).map(({ Menge }) => Menge) };
};

test('beside columns with a decimal comma, points between groups of three stay text, and that is said', async () => {
  const { column, columns, values } = await amounts({});
  expect(values).toEqual(['1.200', '950', '2.300', '80']);
  expect(column).toEqual({
    field: 'Menge',
    type: 'string',
    filled: 4,
    odd: 0,
    hint: 'is text, since the points in "1.200" may stand between thousands: --thousands . reads them',
  });
  expect(columns[1]?.hint).toBe('holds numbers like 3,50 as text: --decimal , reads them as numbers');
});

test.each([
  ['the decimal mark is told to be the point', { decimal: '.' }, prices],
  ['another number of the column shows that it is', {}, `${prices}e;1,05;3.14\n`],
  ['no column has a decimal comma', {}, prices.replaceAll(',', '.')],
  ['the commas may stand between thousands themselves', {}, prices.replace(/,\d\d/g, ',000')],
] as const)('points are decimal where %s', async (_what, options, text) => {
  const { column, values } = await amounts(options, text);
  expect(column).toMatchObject({ type: 'double', odd: 0 });
  expect(values[0]).toBe(1.2);
});

test('with a decimal comma, points between groups of three stay text until --thousands reads them', async () => {
  const text = 'Preis;Menge\n1.234,50;1.200\n4,20;950\n';
  const { column, columns, values } = await amounts({ decimal: ',' }, text);
  expect(values).toEqual(['1.200', '950']);
  const hint = (value: string) =>
    `is text, since the points in "${value}" may stand between thousands: --thousands . reads them`;
  expect(columns.map((one) => one.hint)).toEqual([hint('1.234,50'), hint('1.200')]);
  expect(column).toMatchObject({ type: 'string', odd: 0 });
  const read = await amounts({ decimal: ',', thousands: '.' }, text);
  expect(read.values).toEqual([1200, 950]);
  expect(read.columns.map(({ type, hint: left }) => [type, left])).toEqual([
    ['double', undefined],
    ['int', undefined],
  ]);
  // The decimal mark is the other one.
  expect((await amounts({ thousands: '.' }, text)).values).toEqual([1200, 950]);
});

test('a type that is told goes with thousands, and without them says what they need', async () => {
  const types = { Menge: 'int' };
  expect((await amounts({ types, thousands: '.' })).values).toEqual([1200, 950, 2300, 80]);
  const { column, values } = await amounts({ types, decimal: ',' });
  expect(values).toEqual(['1.200', 950, '2.300', 80]);
  expect(column).toMatchObject({ odd: 2, hint: 'holds "1.200" as text: --thousands . reads it' });
  expect((await amounts({ types: { Menge: 'double' } })).column?.hint).toMatch(
    /^reads "1\.200" with a decimal point, though/,
  );
});

test.each([
  [',', '1,234,567.5'],
  [' ', '1 234 567.5'],
  [' ', '1\u00a0234\u202f567.5'],
  ['\u00a0', '1\u00a0234\u00a0567.5'],
  ["'", "1'234'567.5"],
])('"%s" between thousands is read: %s', async (thousands, cell) => {
  const { values, column } = await amounts({ thousands }, `Ware;Menge\na;${cell}\nb;-12${cell.slice(1)}\n`);
  expect(values).toEqual([1_234_567.5, -12_234_567.5]);
  expect(column).toMatchObject({ type: 'double', odd: 0 });
});

test('only groups of three digits are thousands: anything else stays text, and is counted', async () => {
  const cells = ['1.20', '1200.000', '0.123', '1.2345', '01.200', '1.200'];
  const text = `Ware;Menge\n${cells.map((cell) => `x;${cell}`).join('\n')}\n`;
  const { values, column } = await amounts({ thousands: '.', types: { Menge: 'int' } }, text);
  expect(values).toEqual([...cells.slice(0, 5), 1200]);
  expect(column).toMatchObject({ odd: 5, example: { at: 2, text: '1.20' } });
});

test.each([
  ['the decimal mark', { decimal: ',', thousands: ',' }, /are both ","/],
  ['another character', { thousands: '_' }, /--thousands takes ".", ",", "'" or a space, not "_"/],
] as const)('%s is no mark of thousands', async (_what, options, message) => {
  await expect(amounts(options)).rejects.toThrow(message);
});

test('types other than the collection has are said', async () => {
  const { file, bring } = await bench();
  await bring(await file('a.csv', 'price,name\n1.5,x\n'));
  const { notes } = await bring(await file('b.csv', 'price,name\nn/a,y\n'));
  expect(notes).toEqual(['price: text here, number in the collection']);
  expect((await bring(await file('c.csv', 'price,name\n7,z\n'))).notes).toEqual([]);
});

const days = 'Datum;Bezahlt\n31.12.2025;ja\n1.2.2026;nein\n';

test('dates that are not ISO stay text, and the column says which option makes them dates', async () => {
  const { file, bring, things } = await bench();
  const { columns } = await bring(await file('x.csv', days));
  expect(columns?.[0]).toMatchObject({
    type: 'string',
    odd: 0,
    hint: 'holds dates like "31.12.2025" as text: --date-format %d.%m.%Y makes them dates',
  });
  expect((await things())[0]).toMatchObject({ Datum: '31.12.2025' });
});

test.each([
  ['the day is first', '31/12/2025', '--date-format %d/%m/%Y makes'],
  ['the month is first', '12/31/2025', '--date-format %m/%d/%Y makes'],
  [
    'either may be first',
    '01/02/2026',
    '--date-format %d/%m/%Y makes them dates if the day is first, %m/%d/%Y if the month is',
  ],
  ['there is a time', '31.12.2025 14:30', '--date-format "%d.%m.%Y %H:%M" makes'],
])('the format of dates is found where %s', async (_what, cell, advice) => {
  const { file, bring } = await bench();
  const { columns } = await bring(await file('x.csv', `a;Datum\n1;${cell}\n`));
  expect(columns?.[1]?.hint).toContain(advice);
});

test.each([
  ['some are other texts', '31.12.2025\nx'],
  ['they are written in two ways', '31.12.2025\n01/02/2026'],
  ['no month has such days', '31.02.2025'],
  ['they are numbers', '1.2'],
])('no format of dates is advised where %s', async (_what, cells) => {
  const { file, bring } = await bench();
  const { columns } = await bring(await file('x.csv', `Datum\n${cells}\n`));
  expect(columns?.[0]).not.toHaveProperty('hint');
});

test('with --date-format, columns of text whose values all fit become dates', async () => {
  const { file, bring, things } = await bench();
  const { columns } = await bring(await file('x.csv', days), { dateFormat: '%d.%m.%Y' });
  expect(columns?.map(({ type }) => type)).toEqual(['date', 'string']);
  expect((await things()).map(({ Datum }) => Datum)).toEqual([
    new Date('2025-12-31'),
    new Date('2026-02-01'),
  ]);
});

test('with --date-format, a date that no month has keeps the column text, and is counted', async () => {
  const { file, bring, things } = await bench();
  const path = await file('x.csv', `${days}31.02.2026;ja\n`);
  const { columns } = await bring(path, { dateFormat: '%d.%m.%Y' });
  expect(columns?.[0]).toMatchObject({
    type: 'string',
    mostly: 'date',
    odd: 1,
    example: { at: 4, text: '31.02.2026' },
  });
  await bring(path, { dateFormat: '%d.%m.%Y', types: { Datum: 'date' }, drop: true });
  expect((await things()).map(({ Datum }) => Datum)).toEqual([
    new Date('2025-12-31'),
    new Date('2026-02-01'),
    '31.02.2026',
  ]);
});

test('with --date-format, dates in ISO 8601 are still read', async () => {
  const { file, bring, things } = await bench();
  await bring(await file('x.csv', 'a\n2025-12-31\n'), { dateFormat: '%d.%m.%Y' });
  expect((await things())[0]).toMatchObject({ a: new Date('2025-12-31') });
});

test.each([
  ['a specifier that is none', '%d.%m.%y', /--date-format takes .*not "%d\.%m\.%y": "%y" is not a part/],
  ['no day', '%m.%Y', /not "%m\.%Y": it needs year, month and day/],
])('a format of dates with %s is refused', async (_what, dateFormat, message) => {
  const { file, bring } = await bench();
  await expect(bring(await file('x.csv', days), { dateFormat })).rejects.toThrow(message);
});

test('a decimal point that is told does not hide that other columns have a decimal comma', async () => {
  const { column, columns } = await amounts({ decimal: '.' });
  expect(columns[1]?.hint).toBe('holds numbers like 3,50 as text: --decimal , reads them as numbers');
  expect(column?.hint).toBe(
    'reads "1.200" with a decimal point, as --decimal . says, though other columns have a decimal comma',
  );
});

test.each([
  ['"a;b"', 'a;b\n1,5;2\n2;3\n', ',', '";"'],
  ['tabs', 'a\tb\n1;5\t2\n', ';', '"tab"'],
])(
  'a delimiter that divides rows, but not the header, is refused where another fits every row: %s',
  async (_what, text, delimiter, other) => {
    const { file, bring, things } = await bench();
    await expect(bring(await file('x.csv', text), { delimiter })).rejects.toThrow(
      `looks like it is separated by ${other}: leave --delimiter out, or give ${other}`,
    );
    await expect(things()).rejects.toMatchObject({ code: 'not_found' });
  },
);

test('a delimiter that stands nowhere makes one column, and it is said what would divide it', async () => {
  const { file, bring } = await bench();
  const { columns, notes } = await bring(await file('x.csv', 'last, first\nMuster, Max\n'), {
    delimiter: 'tab',
  });
  expect(columns).toHaveLength(1);
  expect(notes).toEqual(['one column, as --delimiter says: "," would divide every row']);
});

test.each([
  ['it divides the header', 'Name, Vorname;Ort;n\nMuster, Max;Bern\nMeier, Eva;Basel;1\n', ';'],
  ['it fits as well', 'a;x,b;y\n1;2,3;4\n', ','],
  ['no other fits every row', 'a\n1;2\n', ','],
  ['there is but one row', 'a;b\n', ','],
])('a delimiter that is told is taken where %s', async (_what, text, delimiter) => {
  const { file, bring } = await bench();
  expect((await bring(await file('x.csv', text), { delimiter })).columns?.length).toBeGreaterThan(0);
});

test.each([
  ['Ort,n\nKöln Süd,1\n', '"Köln"'],
  ['n,Preis\n1,\x80 5\n', '"€"'],
])('a file that is not UTF-8 is told by a word with a letter of its encoding: %s', async (text, word) => {
  const { file, bring } = await bench();
  const { notes } = await bring(await file('x.csv', Buffer.from(text, 'latin1')));
  expect(notes).toEqual([`read as Windows-1252, e.g. ${word}; --encoding says otherwise`]);
});
