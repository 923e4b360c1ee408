import { expect, test } from 'vitest';
import { loadOds, loadXlsx } from '../../../src/library/reading/loaders/workbook.ts';
import { decodeXml, parseXml } from '../../../src/library/reading/loaders/xml.ts';
import { ods } from '../../support/files/office.ts';
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
