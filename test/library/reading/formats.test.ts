import { expect, test } from 'vitest';
import { chunkDocument } from '../../../src/library/reading/chunk.ts';
import { formats } from '../../../src/library/reading/formats.ts';
import { loadDocx } from '../../../src/library/reading/loaders/docx.ts';
import { loadEpub } from '../../../src/library/reading/loaders/epub.ts';
import { loadHtml } from '../../../src/library/reading/loaders/html.ts';
import type { LoadedDocument } from '../../../src/library/reading/loaders/loader.ts';
import { loadPdf } from '../../../src/library/reading/loaders/pdf.ts';
import { loadPptx } from '../../../src/library/reading/loaders/pptx.ts';
import { loadXlsx } from '../../../src/library/reading/loaders/workbook.ts';
import { docx, epub, pptx, xlsx } from '../../support/files/office.ts';
import { encryptedPdf, type PdfLine, pdf } from '../../support/files/pdf.ts';
import { zip } from '../../support/files/zip.ts';

function chunks({ blocks }: LoadedDocument) {
  return chunkDocument('docs/file', blocks).map(({ id: _, ...chunk }) => chunk);
}

const text = (content: string, y: number): PdfLine => ({ text: content, y });
const headingLine = (content: string, y: number): PdfLine => ({ text: content, y, size: 18 });

test('XLSX: a sheet has as many rows as it has', async () => {
  const rows = Array.from({ length: 130_000 }, (_, i) => [i]);

  const { blocks } = await loadXlsx(xlsx({ Data: rows }), 'many.xlsx');

  expect(blocks.length).toBe(130_000);
  expect(blocks.at(-1)?.text).toBe('129999');
});

test('PDF: passages know their page, larger type makes headings', async () => {
  const file = pdf(
    [
      [headingLine('Storage', 740), text('Gas is kept in bottles.', 700), text('They are of steel.', 688)],
      [headingLine('Caverns', 740), text('Salt domes hold a lot.', 700)],
    ],
    { title: 'Plant handbook' },
  );

  const loaded = await loadPdf(file, 'plant.pdf');

  expect(loaded.title).toBe('Plant handbook');
  expect(loaded.metadata).toEqual({ created: '2026-03-01', pages: 2 });
  expect(chunks(loaded)).toEqual([
    {
      heading: ['Storage'],
      lines: [5, 6],
      place: { page: 1 },
      text: 'Gas is kept in bottles.\nThey are of steel.',
    },
    { heading: ['Caverns'], lines: [12, 12], place: { page: 2 }, text: 'Salt domes hold a lot.' },
  ]);
  expect(loaded.text.split('\n')[7]).toBe('[page 2]');
});

test('PDF: a divided word is made whole, and a paragraph over two pages belongs to the first', async () => {
  const file = pdf([
    [text('The pressure in the ves-', 700), text('sels is measured every', 688)],
    [text('hour by a sensor.', 700), text('Another paragraph.', 650)],
  ]);

  expect(chunks(await loadPdf(file, 'a.pdf')).map((chunk) => [chunk.place, chunk.text])).toEqual([
    [{ page: 1 }, 'The pressure in the vessels\nis measured every\nhour by a sensor.'],
    [{ page: 2 }, 'Another paragraph.'],
  ]);
});

test('PDF: lines that return on every page are left out, but for numbers', async () => {
  const topics = ['Storage in bottles', 'Caverns of salt', 'Pipes and pumps', 'Leaks and alarms'];
  const pages = topics.map((topic, i) => [
    text('Plant handbook', 780),
    text(`${topic} are what this page tells about.`, 700),
    text(`page ${i + 1} of 4`, 30),
  ]);

  const { text: all } = await loadPdf(pdf(pages), 'a.pdf');

  expect(all).not.toMatch(/Plant handbook|of 4/);
  expect(all).toContain('Pipes and pumps are');
});

test.each([
  ['encrypted', encryptedPdf(), /encrypted: needs a password/],
  ['cut short', pdf([[text('a', 1)]]).subarray(0, 70), /damaged: not a valid PDF/],
  ['of pictures alone', pdf([[], []]), /no text on its 2 pages: scanned\?/],
])('a PDF that is %s is refused with the reason', async (_what, file, reason) => {
  await expect(loadPdf(file, 'a.pdf')).rejects.toThrow(reason);
});

test('DOCX: headings by style, tables, title and dates', async () => {
  const file = docx(
    [
      { heading: 'Plant', level: 1 },
      'It makes hydrogen & oxygen.',
      { heading: 'Bays', level: 2 },
      [
        ['bay', 'use'],
        ['1', 'filling'],
      ],
    ],
    { title: 'Handbook' },
  );

  const loaded = await loadDocx(file, 'plant.docx');

  expect(loaded).toMatchObject({
    title: 'Handbook',
    metadata: { author: 'Ada', created: '2026-03-01T09:30:00.000Z' },
  });
  expect(chunks(loaded)).toEqual([
    { heading: ['Plant'], lines: [3, 3], text: 'It makes hydrogen & oxygen.' },
    { heading: ['Plant', 'Bays'], lines: [7, 8], text: 'bay | use\n1 | filling' },
  ]);
});

test('a heading that is as long as a book is all there, and each passage carries its beginning', () => {
  const passages = chunks(loadHtml(`<h1>${'word '.repeat(20_000)}last</h1><p>end</p>`, 'a.html'));
  expect(passages.length).toBeGreaterThan(50);
  expect(new Set(passages.map(({ heading }) => heading[0]?.length))).toEqual(new Set([2_001]));
  expect(passages.slice(-2).map(({ text }) => text.slice(-4))).toEqual(['last', 'end']);
});

test.each<[string, () => LoadedDocument | Promise<LoadedDocument>]>([
  [
    'DOCX',
    () => {
      const headings = ['Supply contract', 'Prices'].map((heading) => ({ heading, level: 1 }));
      return loadDocx(docx([...headings, 'Flour is cheap.', { heading: 'Annex', level: 2 }]), 'a.docx');
    },
  ],
  [
    'HTML',
    () => loadHtml('<h1>Supply contract</h1><h1>Prices</h1><p>Flour is cheap.</p><h2>Annex</h2>', 'a.html'),
  ],
])('%s: a heading with nothing under it is a passage of its own', async (_, load) => {
  expect(chunks(await load())).toEqual([
    { heading: ['Supply contract'], lines: [1, 1], text: '# Supply contract' },
    { heading: ['Prices'], lines: [5, 5], text: 'Flour is cheap.' },
    { heading: ['Prices', 'Annex'], lines: [7, 7], text: '## Annex' },
  ]);
});

test('PPTX: slides in the order they are shown, with titles and notes, without their numbers', async () => {
  const file = pptx([
    { title: 'Welcome', lines: ['Agenda', 'Lunch'], notes: 'Speak slowly' },
    { title: 'Safety', lines: ['Doors open outwards'] },
  ]);

  const loaded = await loadPptx(file, 'talk.pptx');

  expect(loaded.title).toBe('Welcome');
  expect(chunks(loaded)).toEqual([
    {
      heading: ['Welcome'],
      lines: [5, 8],
      place: { slide: 1 },
      text: 'Agenda\nLunch\n\nNotes: Speak slowly',
    },
    { heading: ['Safety'], lines: [14, 14], place: { slide: 2 }, text: 'Doors open outwards' },
  ]);
});

test('XLSX: rows carry the names of their columns and know sheet and row', async () => {
  const file = xlsx({
    Prices: [['Price list'], [], ['route', 'cost'], ['reforming', 1.2], ['electrolysis', 3.4]],
    Empty: [],
    Notes: [['remark'], ['checked']],
  });

  expect(chunks(await loadXlsx(file, 'prices.xlsx'))).toEqual([
    {
      heading: ['Prices'],
      lines: [2, 4],
      place: { sheet: 'Prices', rows: [1, 5] },
      text: 'Price list\nroute: reforming; cost: 1.2\nroute: electrolysis; cost: 3.4',
    },
    { heading: ['Notes'], lines: [7, 8], place: { sheet: 'Notes', rows: [1, 2] }, text: 'remark\nchecked' },
  ]);
});

test('XLSX: a number has the digits of the file', async () => {
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const cells = '<c r="A1"><v>9007199254740993</v></c><c r="B1"><v>12345678901234567890</v></c>';
  const sheet = `<worksheet ${main}><sheetData><row r="1">${cells}</row></sheetData></worksheet>`;
  const { text } = await loadXlsx(xlsx({ Data: [['a']] }, { 'xl/worksheets/sheet1.xml': sheet }), 'a.xlsx');
  expect(text).toContain('9007199254740993');
  expect(text).toContain('12345678901234567890');
});

test('EPUB: chapters in reading order, although their files lie in another one', async () => {
  const book = epub('On water', ['<h1>Sea</h1><p>Salt.</p>', '<h1>River</h1><p>Sweet &amp; cold.</p>']);

  const loaded = await loadEpub(book, 'water.epub');

  expect(loaded).toMatchObject({ title: 'On water', metadata: { author: 'Ada' } });
  expect(chunks(loaded)).toEqual([
    { heading: ['Sea'], lines: [5, 5], place: { chapter: 1 }, text: 'Salt.' },
    { heading: ['River'], lines: [11, 11], place: { chapter: 2 }, text: 'Sweet & cold.' },
  ]);
});

test('EPUB: a book under copy protection is refused', async () => {
  const lock = '<encryption><CipherReference URI="OPS/text/c%200.xhtml"/></encryption>';

  await expect(
    loadEpub(epub('Locked', ['<p>x</p>'], { 'META-INF/encryption.xml': lock }), 'a.epub'),
  ).rejects.toThrow(/encrypted \(copy protection\)/);
});

test.each([
  ['DOCX', loadDocx],
  ['PPTX', loadPptx],
  ['XLSX', loadXlsx],
  ['EPUB', loadEpub],
])('%s: a damaged archive and one that holds something else are told', async (_type, load) => {
  await expect(load(Buffer.from('PK nonsense'), 'a')).rejects.toThrow(/damaged: incomplete ZIP/);
  await expect(load(zip({ 'a.txt': 'a' }), 'a')).rejects.toThrow(/damaged: no/);
});

const large = (of: string) => Buffer.alloc(7_000_000, of);

/** A document with twelve headers, each of which is large. */
const largeHeaders = {
  'word/document.xml': `<w:document><w:body><w:sectPr>${Array.from({ length: 12 }, (_, i) => `<w:headerReference r:id="h${i}"/>`).join('')}</w:sectPr></w:body></w:document>`,
  'word/_rels/document.xml.rels': `<Relationships>${Array.from({ length: 12 }, (_, i) => `<Relationship Id="h${i}" Type="a/header" Target="${i}.xml"/>`).join('')}</Relationships>`,
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [
      `word/${i}.xml`,
      Buffer.concat([Buffer.from('<a>'), large(`${i} `), Buffer.from('</a>')]),
    ]),
  ),
};

test.each([
  ['one part', { 'word/document.xml': Buffer.alloc(70_000_000) }],
  ['many parts', largeHeaders],
])('what unpacks to too much in %s is refused', async (_where, extra) => {
  await expect(loadDocx(docx(['a'], { extra }), 'bomb.docx')).rejects.toThrow(
    /unpacks to too much.*zip bomb/,
  );
});

test('an archive that hides its size is counted by what comes out', async () => {
  const file = docx(['a'], { extra: { 'word/styles.xml': Buffer.alloc(20_000_000) } });
  // The sizes in the table of parts and before the part itself say 1,000 bytes.
  const real = Buffer.alloc(4);
  real.writeUInt32LE(20_000_000);
  for (let at = file.indexOf(real); at >= 0; at = file.indexOf(real, at + 1)) file.writeUInt32LE(1_000, at);

  await expect(loadDocx(file, 'liar.docx')).rejects.toThrow(
    /damaged: part "word\/styles.xml" cannot be unpacked/,
  );
});

test('every extension and every name is of one format', () => {
  const all = Object.values(formats).flatMap(({ extensions, fileNames = [] }) => [
    ...extensions,
    ...fileNames,
  ]);
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((one) => one !== one.toLowerCase())).toEqual([]);
});
