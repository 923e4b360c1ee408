import { expect, test } from 'vitest';
import { loadOds, loadXlsx } from '../../../src/library/reading/loaders/workbook.ts';
import { decodeXml, parseXml } from '../../../src/library/reading/loaders/xml.ts';
import { ods, xlsx } from '../../support/files/office.ts';
import {
  numberCell,
  sheetRow,
  textCell,
  workbookOf,
  workbookParts,
} from '../../support/files/sheet-parts.ts';
import { zip } from '../../support/files/zip.ts';

const read = async (file: Buffer): Promise<string> => (await loadXlsx(file, 'book.xlsx')).text;

test('what stands for a character in an attribute is that character', () => {
  const root = parseXml('<a name="R&amp;D &#x201c;x&#8221; &lt;1" more=\'&#128512;\'/>', 'it');
  expect(root.attributes).toEqual({ name: 'R&D “x” <1', more: '😀' });
});

test('a reference to a character beyond 16 bits is that character, and no reference stays as it is', () => {
  expect(decodeXml('&#x1F600; &#128512; &amp;amp; &nbsp; &#x110000;')).toBe('😀 😀 &amp; &nbsp; &#x110000;');
});

test('spaces around the equals sign of an attribute are no part of its name', () => {
  expect(parseXml('<a b = "1"\n c= "x > y"><d e ="f"/></a>', 'it')).toMatchObject({
    attributes: { b: '1', c: 'x > y' },
    children: [{ attributes: { e: 'f' } }],
  });
});

test('a sheet has the name that Excel shows', async () => {
  expect(await read(workbookOf({ sheets: [{ name: 'R&amp;D', rows: sheetRow(textCell('a')) }] }))).toContain(
    '# R&D',
  );
  expect((await loadOds(ods({ 'R&D': [['a']] }), 'a.ods')).text).toContain('# R&D');
});

const usual = workbookParts({ sheets: [{ rows: sheetRow(textCell('salt')) }] });
const withPart = (name: string, change: (part: string) => string): Buffer =>
  zip({ ...usual, [name]: change(String(usual[name])) });

test.each([
  [
    'with another prefix for relations',
    'xl/workbook.xml',
    (part: string) => part.replaceAll('r:', 'rel:').replace('xmlns:r=', 'xmlns:rel='),
  ],
  [
    'with prefixes for all elements',
    'xl/workbook.xml',
    (part: string) => part.replaceAll(/<(\/?)(?=[a-z])/g, '<$1x:').replace('xmlns=', 'xmlns:x='),
  ],
  [
    'with absolute targets',
    'xl/_rels/workbook.xml.rels',
    (part: string) => part.replaceAll('Target="', 'Target="/xl/'),
  ],
  [
    'with targets in another case',
    'xl/_rels/workbook.xml.rels',
    (part: string) => part.replace('worksheets/sheet1', 'Worksheets/Sheet1'),
  ],
  [
    'without the relation of its workbook',
    '_rels/.rels',
    (part: string) => part.replace(/<Relationship .*\/>/, ''),
  ],
  [
    'with rows and cells that have a reference',
    'xl/worksheets/sheet1.xml',
    (part: string) => part.replace('<row>', '<row r="3">').replace('<c ', '<c r="B3" '),
  ],
])('a workbook %s is read', async (_what, name, change) => {
  expect(await read(withPart(name, change))).toContain('salt');
});

test('a cell without a reference stands behind the one before it', async () => {
  const rows =
    sheetRow(textCell('a'), textCell('b'), textCell('c')) + sheetRow(numberCell(1), numberCell(2, 0, 'C2'));
  expect(await read(workbookOf({ sheets: [{ rows }] }))).toContain('a: 1; c: 2');
});

test('an OpenDocument sheet is read whatever prefixes its writer chose', async () => {
  const content = `<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:x="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:spreadsheet><t:table t:name="Data"><t:table-row><t:table-cell o:value-type="string"><x:p>salt<x:s x:c="2"/>dome</x:p></t:table-cell><t:table-cell o:value-type="float" o:value="5"><x:p>5</x:p></t:table-cell></t:table-row></t:table></o:spreadsheet></o:body></o:document-content>`;
  const { text } = await loadOds(ods({ Data: [] }, { 'content.xml': content }), 'a.ods');
  expect(text).toContain('# Data');
  expect(text).toMatch(/salt +dome \| 5/);
});

test('an OpenDocument sheet is read with one unusual prefix among the usual ones', async () => {
  const content = `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:l="http://www.w3.org/1999/xlink"><office:body><office:spreadsheet><table:table table:name="Data"><table:table-row><table:table-cell office:value-type="string"><text:p><text:a l:href="https://dome.example">dome</text:a></text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`;
  const { text } = await loadOds(ods({ Data: [] }, { 'content.xml': content }), 'a.ods');
  expect(text).toContain('https://dome.example');
});

/** A sheet with one cell in the format of a code. */
const formatted = (code: string, cell: string, workbook = ''): Buffer =>
  workbookOf({
    workbook,
    sheets: [{ rows: sheetRow(cell) }],
    styles: `<numFmts><numFmt numFmtId="170" formatCode="${code.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>`,
  });

const lastLine = async (file: Buffer): Promise<string | undefined> => (await read(file)).split('\n').at(-1);

test.each<[code: string, value: number, shown: string]>([
  ['General', 0.1 + 0.2, '0.3'],
  ['General', 1_234_567_890_123, '1234567890123'],
  ['0.00', 2.71694, '2.72'],
  ['#,##0.00', 1_234.5, '1,234.50'],
  ['0.0%', 0.125, '12.5%'],
  ['00000', 123, '00123'],
  ['000-000', 123_456, '123-456'],
  ['#,##0.00 "€"', 1_234.5, '1,234.50 €'],
  ['#,##0.00 [$€-407]', -1_234.5, '-1.234,50 €'],
  ['_-* #,##0.00 "kg"_-', 2, '2.00 kg'],
  ['# ?/?', 1.5, '1 1/2'],
  ['0.00E+00', 12_345, '1.23E+04'],
  ['[>=1000]0.0,"k";0', 12_345, '12.3k'],
  ['0;-0;"none"', 0, 'none'],
  ['[Red]0;[Blue]-0', -5, '-5'],
  [';;;', 5, '5'],
  ['h:mm', 0.604166666, '14:30'],
  ['h:mm:ss', 0.999988426, '23:59:59'],
  ['h:mm', 0, '00:00'],
  ['h:mm AM/PM', 0.604166666, '2:30 PM (14:30)'],
  ['[h]:mm', 1.25347222, '30:05'],
  ['yyyy-mm-dd', 45_000, '2023-03-15'],
  ['dd"."mm"."yyyy', 45_000, '2023-03-15'],
  ['TT.MM.JJJJ', 45_000, '2023-03-15'],
  ['m/d/yy h:mm', 45_000.60416666666, '2023-03-15 14:30'],
  ['dd.mm.yyyy', 45_000.6, '2023-03-15'],
  ['mmmm yyyy', 45_356, 'March 2024'],
  ['[$-407]mmmm yyyy;@', 45_356, 'März 2024'],
  ['d mmmm yyyy', 45_000, '15 March 2023 (2023-03-15)'],
  ['d-mmm', 45_000, '15-Mar (2023-03-15)'],
  ['yyyy', 45_000, '2023'],
])('a cell of the format %s with %d reads as the sheet shows it: %s', async (code, value, shown) => {
  expect(await lastLine(formatted(code, numberCell(value, 1)))).toBe(shown);
});

test.each<[what: string, cell: string, shown: string]>([
  ['an error', '<c t="e"><v>#N/A</v></c>', '#N/A'],
  ['yes', '<c t="b" s="1"><v>1</v></c>', 'TRUE'],
  ['a day in ISO 8601', '<c t="d"><v>2024-03-05T00:00:00</v></c>', '2024-03-05'],
  ['the text of a formula', '<c t="str"><f>A1</f><v>a &amp; b</v></c>', 'a & b'],
  ['rich text', '<c t="inlineStr"><is><r><t>wa</t></r><r><rPr><b/></rPr><t>ter</t></r></is></c>', 'water'],
  ['a shared text', '<c t="s"><v>0</v></c>', '東京'],
  ['a text in a format with a unit', '<c t="str" s="1"><v>x</v></c>', 'x kg'],
])('a cell with %s reads as the sheet shows it', async (_what, cell, shown) => {
  const file = workbookOf({
    sheets: [{ rows: sheetRow(cell) }],
    strings: '<si><r><t>東</t></r><r><t>京</t></r><rPh sb="0" eb="1"><t>トウキョウ</t></rPh></si>',
    styles:
      '<numFmts><numFmt numFmtId="170" formatCode="0;-0;0;@&quot; kg&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>',
  });
  expect(await lastLine(file)).toBe(shown);
});

test('days are counted from 1904 where the workbook says so', async () => {
  expect(await lastLine(formatted('yyyy-mm-dd', numberCell(43_538, 1), '<workbookPr date1904="1"/>'))).toBe(
    '2023-03-15',
  );
});

const office = 'http://schemas.openxmlformats.org';
const drawingNames = `xmlns:xdr="${office}/drawingml/2006/spreadsheetDrawing" xmlns:a="${office}/drawingml/2006/main" xmlns:c="${office}/drawingml/2006/chart" xmlns:r="${office}/officeDocument/2006/relationships"`;

/** A workbook with one of everything that may stand on a sheet beside its cells. */
const everything = (): Buffer =>
  workbookOf({
    sheets: [
      {
        name: 'Stock',
        rows:
          sheetRow(textCell('Part', 'A1'), textCell('Count', 'B1')) +
          sheetRow(textCell('Bolt', 'A2'), numberCell(5, 0, 'B2')) +
          sheetRow(textCell('Nut', 'A3'), numberCell(7, 0, 'B3')),
        after:
          '<hyperlinks><hyperlink ref="A2" r:id="rIdLink"/></hyperlinks><headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12Store 7&amp;RPage &amp;P</oddHeader></headerFooter><drawing r:id="rIdD"/>',
        related: [
          ['rIdLink', 'hyperlink', 'https://example.org/bolts'],
          ['rIdD', 'drawing', '../drawings/drawing1.xml'],
          ['rIdC', 'comments', '../comments1.xml'],
          [
            'rIdH',
            'http://schemas.microsoft.com/office/2017/10/relationships/threadedComment',
            '../threadedComments/threadedComment1.xml',
          ],
          ['rIdO', 'oleObject', '../embeddings/oleObject1.bin'],
          ['rIdV', 'vmlDrawing', '../drawings/vmlDrawing1.vml'],
        ],
      },
      { name: 'Secret', state: 'veryHidden', rows: sheetRow(textCell('vault')) },
      {
        name: 'Folded',
        before: '<cols><col min="1" max="1" hidden="1"/></cols>',
        rows: '<row hidden="1"><c t="inlineStr"><is><t>below</t></is></c></row>',
      },
    ],
    extra: {
      'xl/comments1.xml': `<comments xmlns="${office}/spreadsheetml/2006/main"><commentList><comment ref="B3"><text><r><t>recount in </t></r><r><t>May</t></r></text></comment><comment ref="B2"><text><t>[Threaded comment] Your version of Excel allows you to read this</t></text></comment><comment ref="D9"><text><t>far away</t></text></comment><comment ref="B1"><text><t>pieces</t></text></comment></commentList></comments>`,
      'xl/threadedComments/threadedComment1.xml':
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="B2" personId="{1}"><text>Is that all?</text></threadedComment><threadedComment ref="B2" personId="{1}"><text>Yes.</text></threadedComment></ThreadedComments>',
      'xl/drawings/drawing1.xml': `<xdr:wsDr ${drawingNames}><xdr:twoCellAnchor><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="Box"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>Ask Ada first</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="P" descr="Shelf &amp; ladder"/></xdr:nvPicPr></xdr:pic></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="4" name="P"/></xdr:nvPicPr></xdr:pic></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame></xdr:twoCellAnchor></xdr:wsDr>`,
      'xl/drawings/_rels/drawing1.xml.rels': `<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="rId1" Type="${office}/officeDocument/2006/relationships/chart" Target="../charts/chart1.xml"/></Relationships>`,
      'xl/charts/chart1.xml': `<c:chartSpace ${drawingNames}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Parts in store</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>Counted</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>Washer</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>9</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>`,
      'xl/embeddings/oleObject1.bin': 'x',
      'xl/drawings/vmlDrawing1.vml':
        '<xml><x:ClientData ObjectType="Note"/><x:ClientData ObjectType="Checkbox"/></xml>',
      'xl/vbaProject.bin': 'x',
    },
  });

test.each([
  ['a link', 'Part: Bolt (https://example.org/bolts)'],
  ['a note at its cell', 'Part: Nut; Count: 7 [note: recount in May]'],
  ['a thread of comments', 'Count: 5 [comment: Is that all?] [comment: Yes.]'],
  ['a note at the name of a column', 'Count [note: pieces]'],
  ['a note at an empty cell', 'D9: [note: far away]'],
  ['the text of a box', 'Ask Ada first'],
  ['the description of a picture', '[Shelf & ladder]'],
  ['the title of a chart', 'Chart: Parts in store'],
  ['the values of a chart', 'Counted - Washer: 9'],
  ['a header of its pages', '[header] Store 7'],
  ['a hidden sheet', 'vault'],
  ['a hidden row in a hidden column', 'below'],
])('of a sheet is read: %s', async (_what, text) => {
  expect(await read(everything())).toContain(text);
});

test('what of a workbook is not read is said with its count', async () => {
  expect((await loadXlsx(everything(), 'a.xlsm')).remarks).toEqual([
    '1 picture without a description is not read',
    '1 embedded object is not read',
    '1 form control is not read',
    'its macros are not read',
  ]);
});

test('a sheet that is a chart alone is read', async () => {
  const parts = workbookParts({ sheets: [{ rows: '' }] });
  const file = zip({
    ...parts,
    'xl/_rels/workbook.xml.rels': String(parts['xl/_rels/workbook.xml.rels']).replace(
      '/worksheet"',
      '/chartsheet"',
    ),
    'xl/worksheets/sheet1.xml': `<chartsheet xmlns="${office}/spreadsheetml/2006/main"><drawing/></chartsheet>`,
    'xl/worksheets/_rels/sheet1.xml.rels': `<Relationships><Relationship Id="d" Type="x/drawing" Target="d.xml"/></Relationships>`,
    'xl/worksheets/d.xml': `<xdr:wsDr ${drawingNames}><xdr:absoluteAnchor><xdr:sp><xdr:txBody><a:p><a:r><a:t>Growth</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:absoluteAnchor></xdr:wsDr>`,
  });
  expect(await read(file)).toContain('Growth');
});

const openDocument = (cells: string, more = ''): Buffer =>
  ods(
    { Data: [] },
    {
      'content.xml': `<office:document-content xmlns:office="urn:o" xmlns:table="urn:t" xmlns:text="urn:x" xmlns:draw="urn:d" xmlns:xlink="urn:l" xmlns:dc="urn:c"><office:body><office:spreadsheet><table:table table:name="Data">${more}<table:table-row>${cells}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`,
    },
  );
const openCell = (type: string, value: string, text: string): string =>
  `<table:table-cell office:value-type="${type}" office:${type === 'date' || type === 'time' || type === 'boolean' ? `${type}-` : ''}value="${value}"><text:p>${text}</text:p></table:table-cell>`;

test.each<[what: string, cells: string, shown: string]>([
  ['a percentage', openCell('percentage', '0.125', '12.5%'), '12.5%'],
  ['an amount', openCell('currency', '1234.5', '1.234,50 €'), '1.234,50 €'],
  ['leading zeros', openCell('float', '7', '007'), '007'],
  ['a day', openCell('date', '2024-03-05', '05.03.24'), '2024-03-05'],
  ['a month', openCell('date', '2024-03-01', 'March 2024'), 'March 2024'],
  ['a time', openCell('time', 'PT14H30M00S', '14:30:00'), '14:30'],
  [
    'an error',
    '<table:table-cell office:value-type="string" office:string-value=""><text:p>#N/A</text:p></table:table-cell>',
    '#N/A',
  ],
  [
    'a link',
    '<table:table-cell office:value-type="string"><text:p><text:a xlink:href="https://example.org">here</text:a></text:p></table:table-cell>',
    'here (https://example.org)',
  ],
  [
    'a note',
    '<table:table-cell office:value-type="string"><office:annotation><dc:creator>Ada</dc:creator><dc:date>2024-01-01T10:00:00</dc:date><text:p>why?</text:p></office:annotation><text:p>so</text:p></table:table-cell>',
    'so [note: Ada: why?]',
  ],
  [
    'the text of a box',
    '<table:table-cell><draw:frame><draw:text-box><text:p>Ask Ada</text:p></draw:text-box></draw:frame></table:table-cell>',
    'Ask Ada',
  ],
])('an OpenDocument sheet shows %s', async (_what, cells, shown) => {
  const { text } = await loadOds(openDocument(cells), 'a.ods');
  expect(text.split('\n').at(-1)).toBe(shown);
});

test('an OpenDocument sheet that is encrypted is refused with the reason', async () => {
  const file = ods({ Data: [['a']] }, { 'META-INF/manifest.xml': '<m:encryption-data/>' });
  await expect(loadOds(file, 'a.ods')).rejects.toThrow('encrypted: needs a password');
});

test('a binary workbook is refused with what to do, whatever its name', async () => {
  const file = zip({
    ...usual,
    '_rels/.rels': String(usual['_rels/.rels']).replace('workbook.xml', 'workbook.bin'),
    'xl/workbook.bin': 'x',
  });
  await expect(loadXlsx(file, 'a.xlsx')).rejects.toThrow('a binary workbook (.xlsb): save it as .xlsx');
});

/** Rows of cells as a person types them, with nothing in cells that are null. */
const typed = (
  rows: readonly (readonly (string | number | null)[])[],
  merged: readonly string[] = [],
): Buffer => {
  const cell = (value: string | number | null, row: number, column: number): string => {
    const at = `${String.fromCharCode(65 + column)}${row + 1}`;
    if (value === null) return '';
    return typeof value === 'number' ? numberCell(value, 0, at) : textCell(value, at);
  };
  return workbookOf({
    sheets: [
      {
        name: 'S',
        rows: rows
          .map((cells, r) => `<row r="${r + 1}">${cells.map((value, c) => cell(value, r, c)).join('')}</row>`)
          .join(''),
        after: `<mergeCells>${merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>`,
      },
    ],
  });
};

const linesOf = async (file: Buffer): Promise<string[]> =>
  (await read(file)).split('\n').filter((line) => line !== '' && line !== '# S');

test.each<[what: string, rows: (string | number | null)[][], merged: string[], lines: string[]]>([
  [
    'two tables with as many columns, told by their values',
    [['Item', 'Count'], ['Bolt', 5], [], ['Name', 'City'], ['Ada', 'Meran']],
    [],
    ['Item: Bolt; Count: 5', 'Name: Ada; City: Meran'],
  ],
  [
    'rows in groups under one header',
    [['Name', 'City'], ['Ada', 'Meran'], [], ['Bob', 'Rome'], ['Cid', 'Pisa']],
    [],
    ['Name: Ada; City: Meran', 'Name: Bob; City: Rome', 'Name: Cid; City: Pisa'],
  ],
  [
    'two tables with titles',
    [['Staff'], ['Name', 'City'], ['Ada', 'Meran'], [], ['Tools'], ['Tool', 'Maker'], ['Drill', 'Bosch']],
    [],
    ['## Staff', 'Name: Ada; City: Meran', '## Tools', 'Tool: Drill; Maker: Bosch'],
  ],
  [
    'a title apart from its table',
    [['Item', 'Count'], ['Bolt', 5], [], ['Staff'], [], ['Name', 'City', 'Age'], ['Ada', 'Meran', 36]],
    [],
    ['Item: Bolt; Count: 5', '## Staff', 'Name: Ada; City: Meran; Age: 36'],
  ],
  [
    'tables beside each other',
    [
      ['Item', 'Count', null, 'Name', 'Age'],
      ['Bolt', 5, null, 'Ada', 36],
      ['Nut', 7, null, null, null],
    ],
    [],
    ['Item: Bolt; Count: 5', 'Item: Nut; Count: 7', 'Name: Ada; Age: 36'],
  ],
  [
    'an empty column in one table',
    [
      ['Item', 'Count', null, 'Store', 'Shelf'],
      ['Bolt', 5, null, 'A', 3],
    ],
    [],
    ['Item: Bolt; Count: 5; Store: A; Shelf: 3'],
  ],
  [
    'labels with values',
    [
      ['Project', 'Dome'],
      ['Budget', 12_000],
      ['Owner', 'Ada'],
      ['Phase', 2],
    ],
    [],
    ['Project: Dome', 'Budget: 12000', 'Owner: Ada', 'Phase: 2'],
  ],
  [
    'labels that end with a colon',
    [
      ['Company:', 'ACME'],
      ['City:', 'Meran'],
      ['Contact:', 'Ada'],
    ],
    [],
    ['Company: ACME', 'City: Meran', 'Contact: Ada'],
  ],
  [
    'labels with values above a table',
    [['Customer:', 'ACME'], ['Date:', '2024-03-05'], [], ['Item', 'Count', 'Price'], ['Bolt', 5, 2.5]],
    [],
    ['Customer: ACME', 'Date: 2024-03-05', 'Item: Bolt; Count: 5; Price: 2.5'],
  ],
  [
    'two labels with texts above a table',
    [
      ['Author', 'Max'],
      ['Note', 'We paste the values here'],
      [],
      ['Sample', 'Mass'],
      ['A1', 12.5],
      ['A2', 13.1],
    ],
    [],
    ['Author: Max', 'Note: We paste the values here', 'Sample: A1; Mass: 12.5', 'Sample: A2; Mass: 13.1'],
  ],
  [
    'a table of one text',
    [['Part', 'Note'], ['Pump', 'Grease it once a week'], [], ['Valve', 'Shut it slowly and wait']],
    [],
    ['Part: Pump; Note: Grease it once a week', 'Part: Valve; Note: Shut it slowly and wait'],
  ],
  [
    'years as names',
    [
      ['Region', 2022, 2023, 2024],
      ['North', 5, 6, 7],
      ['South', 8, 9, 10],
    ],
    [],
    ['Region: North; 2022: 5; 2023: 6; 2024: 7', 'Region: South; 2022: 8; 2023: 9; 2024: 10'],
  ],
  [
    'a group above its columns, merged',
    [
      ['Region', '2023', null, '2024'],
      [null, 'H2', 'CO2', 'H2'],
      ['North', 1, 2, 3],
    ],
    ['B1:C1', 'A1:A2'],
    ['Region: North; 2023 H2: 1; 2023 CO2: 2; 2024 H2: 3'],
  ],
  [
    'a group above its columns, not merged',
    [
      ['Region', '2023', null, '2024', null],
      [null, 'Q1', 'Q2', 'Q1', 'Q2'],
      ['North', 1, 2, 3, 4],
    ],
    [],
    ['Region: North; 2023 Q1: 1; 2023 Q2: 2; 2024 Q1: 3; 2024 Q2: 4'],
  ],
  [
    'years above their quarters',
    [
      [null, 2023, null, 2024, null],
      ['Region', 'Q1', 'Q2', 'Q1', 'Q2'],
      ['North', 1, 2, 3, 4],
    ],
    ['B1:C1', 'D1:E1'],
    ['Region: North; 2023 Q1: 1; 2023 Q2: 2; 2024 Q1: 3; 2024 Q2: 4'],
  ],
  [
    'a title, a remark and a total',
    [['Stock'], ['as of May'], ['Item', 'Count'], ['Bolt', 5], ['Total', 5]],
    ['A1:B1'],
    ['Stock', 'as of May', 'Item: Bolt; Count: 5', 'Item: Total; Count: 5'],
  ],
  [
    'a total behind an empty row',
    [['Item', 'Count'], ['Bolt', 5], ['Nut', 7], [], ['Total', 12]],
    [],
    ['Item: Bolt; Count: 5', 'Item: Nut; Count: 7', 'Item: Total; Count: 12'],
  ],
  [
    'cells that are merged over rows and columns',
    [
      ['Plant', 'Mon', 'Tue', 'Wed'],
      ['Linz', 'on', null, 'off'],
      [null, 'off', 'on', 'on'],
    ],
    ['A2:A3', 'B2:C2'],
    ['Plant: Linz; Mon: on; Tue: on; Wed: off', 'Plant: Linz; Mon: off; Tue: on; Wed: on'],
  ],
  [
    'a title that is merged between rows',
    [
      ['Item', 'Count', 'Price'],
      ['Bolt', 5, 1],
      ['Spare parts', null, null],
      ['Nut', 7, 1],
    ],
    ['A3:C3'],
    ['Item: Bolt; Count: 5; Price: 1', 'Spare parts', 'Item: Nut; Count: 7; Price: 1'],
  ],
  [
    'numbers without names',
    [
      [1, 2],
      [3, 4],
    ],
    [],
    ['1 | 2', '3 | 4'],
  ],
  [
    'a source below a table',
    [['Item', 'Count'], ['Bolt', 5], [], ['Source: counted by hand']],
    [],
    ['Item: Bolt; Count: 5', 'Source: counted by hand'],
  ],
  [
    'names that are there twice, and none',
    [
      ['Day', 'Min', 'Min', null],
      ['Mon', 1, 2, 3],
    ],
    [],
    ['Day: Mon; Min: 1; Min_2: 2; column_4: 3'],
  ],
])('a sheet with %s', async (_what, rows, merged, lines) => {
  expect(await linesOf(typed(rows, merged))).toEqual(lines);
});

test('a table that the sheet itself names has the header that it says', async () => {
  const file = workbookOf({
    sheets: [
      {
        name: 'S',
        rows:
          sheetRow(textCell('Name'), textCell('City')) +
          sheetRow(textCell('Ada'), textCell('Meran')) +
          sheetRow(textCell('Tool'), textCell('Maker')) +
          sheetRow(textCell('Drill'), textCell('Bosch')),
        related: [['rIdT', 'table', '../tables/table1.xml']],
      },
    ],
    extra: { 'xl/tables/table1.xml': '<table ref="A3:B4" headerRowCount="1"/>' },
  });
  expect(await linesOf(file)).toEqual(['Name: Ada; City: Meran', 'Tool: Drill; Maker: Bosch']);
});

test.each<[what: string, line: string, expected: readonly string[]]>([
  ['words', 'Plant handbook', ['[footer] Plant handbook']],
  [
    'words beside the number of the page',
    'Plant handbook<text:tab/>Page <text:page-number>1</text:page-number> of <text:page-count>9</text:page-count>',
    ['[footer] Plant handbook'],
  ],
  ['nothing but the number of the page', 'Page <text:page-number>1</text:page-number>', []],
  ['nothing but the name of the sheet', '<text:sheet-name>???</text:sheet-name>', []],
])('footers of an OpenDocument sheet: %s', async (_what, line, expected) => {
  const styles = `<office:document-styles><office:master-styles><style:master-page><style:footer><text:p>${line}</text:p></style:footer></style:master-page></office:master-styles></office:document-styles>`;
  const file = ods({ Data: [['name'], ['salt']] }, { 'styles.xml': styles });
  const lines = (await loadOds(file, 'a.ods')).text.split('\n').filter((text) => text.startsWith('['));
  expect(lines).toEqual(expected);
});

test('names in bold type begin a table', async () => {
  const bold = (text: string): string => `<c t="inlineStr" s="1"><is><t>${text}</t></is></c>`;
  const file = workbookOf({
    sheets: [
      {
        name: 'S',
        rows: `<row r="1">${bold('Name')}${bold('City')}</row><row r="2">${textCell('Ada')}${textCell('Meran')}</row><row r="4">${bold('Tool')}${bold('Maker')}</row><row r="5">${textCell('Drill')}${textCell('Bosch')}</row>`,
      },
    ],
    styles: '<fonts><font/><font><b/></font></fonts><cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs>',
  });
  expect(await linesOf(file)).toEqual(['Name: Ada; City: Meran', 'Tool: Drill; Maker: Bosch']);
});

test('a column without any value is named once', async () => {
  const rows = [
    ['site', 'contact', 'state'],
    ['Kiel', 'Ada', null],
    ['Bonn', 'Bob', null],
  ];
  const text = 'columns without values: state\nsite: Kiel; contact: Ada\nsite: Bonn; contact: Bob';
  expect(await read(xlsx({ Sites: rows }))).toBe(`# Sites\n${text}`);
  expect((await loadOds(ods({ Sites: rows }), 'a.ods')).text).toBe(`# Sites\n${text}`);
});

test('an OpenDocument sheet shows a row and a cell as often as the file has them repeated, and what follows below', async () => {
  const repeated = openDocument(
    '<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="7.5"><text:p>7,50 €</text:p></table:table-cell></table:table-row>' +
      '<table:table-row table:number-rows-repeated="3"><table:table-cell office:value-type="string"><text:p>same</text:p></table:table-cell></table:table-row>' +
      '<table:table-row><table:table-cell office:value-type="string"><text:p>last</text:p></table:table-cell>',
  );
  const { text, blocks } = await loadOds(repeated, 'a.ods');
  expect(text.split('\n').slice(-5)).toEqual(['7,50 € | 7,50 €', 'same', 'same', 'same', 'last']);
  expect(blocks.at(-1)?.place).toMatchObject({ rows: [5, 5] });
});
