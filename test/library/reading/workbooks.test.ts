import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatKind } from '../../../src/library/reading/sheets/number-format.ts';
import { createWorkbooks } from '../../../src/library/reading/sheets/workbooks.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { ods, xlsx } from '../../support/files/office.ts';
import { zip } from '../../support/files/zip.ts';

const workbooks = createWorkbooks();
afterAll(() => workbooks.close());

async function sheetsOf(name: string, content: Uint8Array) {
  const file = join(await temporaryDirectory(), name);
  await writeFile(file, content);
  return workbooks.sheets(file, testCall({ deadline: Date.now() + 60_000 }));
}

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const withSheet = (sheetData: string): Buffer =>
  xlsx(
    { Data: [['a']] },
    { 'xl/worksheets/sheet1.xml': `<worksheet ${main}><sheetData>${sheetData}</sheetData></worksheet>` },
  );

test('a sheet of many rows arrives whole and in order', async () => {
  const rows = Array.from({ length: 5_001 }, (_, i) => [i, `row ${i}`]);
  const [sheet] = await sheetsOf('many.xlsx', xlsx({ Data: rows }));
  expect(sheet?.rows.length).toBe(5_001);
  expect(sheet?.rows.at(-1)).toEqual({ at: 5_001, cells: [5_000, 'row 5000'] });
});

test('while a workbook arrives, its rows are counted', async () => {
  const file = join(await temporaryDirectory(), 'many.xlsx');
  await writeFile(file, xlsx({ Data: Array.from({ length: 4_500 }, (_, i) => [i]) }));
  const seen: unknown[] = [];
  await workbooks.sheets(
    file,
    testCall({ deadline: Date.now() + 60_000, progress: (one) => seen.push(one) }),
  );
  expect(seen).toEqual([2_000, 4_000, 4_500].map((done) => ({ done, message: 'rows of sheet Data read' })));
});

test('a cell in the far corner costs no more than itself', async () => {
  const far = withSheet(
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
  );
  const [sheet] = await sheetsOf('far.xlsx', far);
  expect(sheet?.rows.map(({ at, cells }) => [at, cells.length])).toEqual([
    [1, 1],
    [1_048_576, 16_384],
  ]);
});

/** A workbook whose parts have names of their own; the cell A1 refers to a text. */
function renamed(text: number): Buffer {
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const relations = (targets: Readonly<Record<string, string>>): string =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${Object.entries(
      targets,
    )
      .map(([type, target], i) => `<Relationship Id="r${i}" Type="${office}/${type}" Target="${target}"/>`)
      .join('')}</Relationships>`;
  return zip({
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/book/Main.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    '_rels/.rels': relations({ officeDocument: 'book/Main.xml' }),
    'book/Main.xml': `<workbook ${main} xmlns:r="${office}"><sheets><sheet name="Data" sheetId="1" r:id="r0"/></sheets></workbook>`,
    'book/_rels/Main.xml.rels': relations({
      worksheet: 'pages/one.xml',
      sharedStrings: '/SharedStrings.xml',
      styles: 'looks.xml',
    }),
    'book/pages/one.xml': `<worksheet ${main}><sheetData><row r="1"><c r="A1" t="s"><v>${text}</v></c><c r="B1" s="1"><v>45000</v></c></row></sheetData></worksheet>`,
    'SharedStrings.xml': `<sst ${main}><si><t>salt</t></si></sst>`,
    'book/looks.xml': `<styleSheet ${main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
  });
}

test('texts, formats and sheets are found wherever the workbook says that they are', async () => {
  const [sheet] = await sheetsOf('renamed.xlsx', renamed(0));
  expect(sheet?.rows).toEqual([{ at: 1, cells: ['salt', new Date('2023-03-15')] }]);
});

test('a workbook of which a text is missing is damaged, not empty there', async () => {
  await expect(sheetsOf('missing.xlsx', renamed(1))).rejects.toThrow(/refers to a text that is not there/);
});

test.each([
  ['a bomb', 'a.xlsx', withSheet('<row/>'.repeat(5_000_000)), /unpacks to too much/],
  ['another archive', 'a.ods', zip({ 'a.txt': 'x' }), /damaged: no content\.xml/],
  [
    'an archive without sheets',
    'a.xlsx',
    zip({ 'xl/workbook.xml': `<workbook ${main}/>` }),
    /it has no sheet/,
  ],
  [
    'a row that is repeated without end',
    'a.ods',
    ods({ Data: [] }, { 'content.xml': repeated() }),
    /too many repeated cells/,
  ],
])('%s is refused with the reason, and what to do', async (_what, name, content, reason) => {
  await expect(sheetsOf(name, content)).rejects.toThrow(reason);
  await expect(sheetsOf(name, content)).rejects.toThrow(/Save the sheet as CSV, or repair the file/);
});

function odsContent(rows: string): string {
  const names = ['office', 'table', 'text'].map(
    (name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`,
  );
  return `<office:document-content ${names.join(' ')}><table:table table:name="x">${rows}</table:table></office:document-content>`;
}

function repeated(): string {
  return odsContent(
    '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>',
  );
}

const numbers = [
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9223372036854775808', -9_223_372_036_854_775_808n],
  ['12345678901234567890', '12345678901234567890'],
  ['9007199254740991', 9_007_199_254_740_991],
  ['0.10000000000000001', 0.1],
  ['1.2345678901234567E+19', 1.2345678901234567e19],
] as const;

test('a number of more digits than a double keeps has all that are written', async () => {
  const cells = numbers.map(([text]) => `<c><v>${text}</v></c>`).join('');
  const [sheet] = await sheetsOf('digits.xlsx', withSheet(`<row r="1">${cells}</row>`));
  expect(sheet?.rows).toEqual([{ at: 1, cells: numbers.map(([, value]) => value) }]);
});

test('so it has in an OpenDocument sheet', async () => {
  const cells = numbers.map(
    ([text]) => `<table:table-cell office:value-type="float" office:value="${text}"/>`,
  );
  const content = odsContent(`<table:table-row>${cells.join('')}</table:table-row>`);
  const [sheet] = await sheetsOf('digits.ods', ods({ Data: [] }, { 'content.xml': content }));
  expect(sheet?.rows).toEqual([{ at: 1, cells: numbers.map(([, value]) => value) }]);
});

test('a comment of a cell is no part of it, and what is quoted in XML is', async () => {
  const note = '<office:annotation><text:p>a<text:tab/>b<text:line-break/>c</text:p></office:annotation>';
  const content = odsContent(
    `<table:table-row><table:table-cell office:value-type="string">${note}<text:p>salt <![CDATA[<dome>]]></text:p></table:table-cell></table:table-row>`,
  );
  const [sheet] = await sheetsOf('note.ods', ods({ Data: [] }, { 'content.xml': content }));
  expect(sheet?.rows).toEqual([{ at: 1, cells: ['salt <dome>'] }]);
});

/** A workbook with one cell in each row, in the last column that there is. */
const wide = (count: number): Buffer =>
  withSheet(
    Array.from({ length: count }, (_, i) => `<row r="${i + 1}"><c r="XFD${i + 1}"><v>1</v></c></row>`).join(
      '',
    ),
  );

test('stray cells far to the right do not count for the empty ones before them', async () => {
  const [sheet] = await sheetsOf('wide.xlsx', wide(400));
  expect(sheet?.rows.length).toBe(400);
});

test('a workbook that is too large for memory is refused before its rows are sent', async () => {
  await expect(sheetsOf('wide.xlsx', wide(20_000))).rejects.toThrow(
    /reach over more than 20,000,000 places.*delete stray cells.*Save the sheet as CSV/,
  );
});

test('a call that is cancelled does not wait for the workbook', async () => {
  const file = join(await temporaryDirectory(), 'slow.xlsx');
  await writeFile(file, xlsx({ Data: [['a']] }));
  const over = testCall({ deadline: Date.now() - 1 });
  await expect(workbooks.sheets(file, over)).rejects.toMatchObject({ code: 'timeout' });
});

test.each([
  ['0.00', 'number'],
  ['#,##0.00 "kg"', 'number'],
  ['0.00E+00', 'number'],
  ['General', 'number'],
  ['yyyy-mm-dd', 'date'],
  ['TT.MM.JJJJ', 'date'],
  ['[$-407]mmmm yyyy;@', 'date'],
  ['h:mm AM/PM', 'time'],
  ['[hh]:mm:ss', 'duration'],
  ['mm:ss.0', 'time'],
  ['[Red]-0', 'number'],
])('the format %s makes a %s', (code, kind) => {
  expect(formatKind(200, code)).toBe(kind);
});
