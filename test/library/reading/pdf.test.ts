import { expect, test } from 'vitest';
import { loadPdf } from '../../../src/library/reading/loaders/pdf.ts';
import { inReadingOrder } from '../../../src/library/reading/loaders/pdf-columns.ts';
import { file, placed, stream } from '../../support/files/pdf-objects.ts';

const field = (rest: string): string => `<< /Type /Annot /Subtype /Widget /Rect [0 0 10 10] /F 4 ${rest} >>`;

test('PDF: what was filled into a form is text of its page', async () => {
  const fields = [
    field('/FT /Tx /T (company) /TU (Company) /V (Quokka Industries GmbH)'),
    field('/FT /Btn /T (Agreed) /V /Yes /AS /Yes /AP << /N << /Yes 3 0 R /Off 3 0 R >> >>'),
    field('/FT /Btn /T (Urgent) /V /Off /AS /Off /AP << /N << /Yes 3 0 R /Off 3 0 R >> >>'),
    field('/FT /Ch /T (unit) /V (MPa) /Opt [(bar) (MPa)]'),
    field('/FT /Tx /T (empty)'),
    field('/FT /Tx /Ff 8192 /T (pin) /V (1234)'),
  ];
  const form = file(
    [{ text: 'Registration form', annotations: [50, 51, 52, 53, 54, 55] }],
    fields,
    '/AcroForm << /Fields [50 0 R 51 0 R 52 0 R 53 0 R 54 0 R 55 0 R] >>',
  );
  expect((await loadPdf(form, 'a.pdf')).text.split('\n').slice(-4)).toEqual([
    'Company: Quokka Industries GmbH',
    '☒ Agreed',
    '☐ Urgent',
    'unit: MPa',
  ]);
});

test('PDF: notes are text of their page, and links are not', async () => {
  const annotations = [
    '<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (Check this value) /T (Ada) >>',
    '<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /Contents (go there) >>',
  ];
  const { text } = await loadPdf(file([{ text: 'Limits', annotations: [50, 51] }], annotations), 'a.pdf');
  expect(text).toContain('[note] Ada: Check this value');
  expect(text).not.toContain('go there');
});

test('PDF: a field that does not say which group it belongs to has the name and value of the group', async () => {
  const fields = [
    '<< /FT /Tx /T (company) /V (Quokka Industries) /Kids [51 0 R] >>',
    '<< /Type /Annot /Subtype /Widget /Rect [0 0 10 10] /F 4 >>',
  ];
  const form = file([{ text: 'Form', annotations: [51] }], fields, '/AcroForm << /Fields [50 0 R] >>');
  expect((await loadPdf(form, 'a.pdf')).text).toContain('company: Quokka Industries');
});

test('PDF: notes of a kind that is not known are text, and notes that no viewer shows are not', async () => {
  const annotations = [
    '<< /Type /Annot /Subtype /Novelty /Rect [0 0 9 9] /Contents (A new kind of note) >>',
    '<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /F 32 /Contents (never shown) >>',
  ];
  const { text } = await loadPdf(file([{ text: 'Limits', annotations: [50, 51] }], annotations), 'a.pdf');
  expect(text).toContain('[note] A new kind of note');
  expect(text).not.toContain('never shown');
});

test('PDF: notes of the other pages are read where a page is broken', async () => {
  const note = '<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (Check this value) >>';
  const whole = file([{ text: 'One', annotations: [50] }, { text: 'Two' }], [note]).toString('latin1');
  const broken = whole.replace('/Kids [10 0 R 11 0 R]', '/Kids [10 0 R 77 0 R]');
  const { text, remarks } = await loadPdf(Buffer.from(broken, 'latin1'), 'a.pdf');
  expect(text).toContain('[note] Check this value');
  expect(remarks).toEqual(['1 of 2 pages cannot be read (2)']);
});

test('PDF: pages without text are counted and named', async () => {
  const { remarks } = await loadPdf(
    file([{ text: 'A page with text' }, {}, { text: 'Another' }, {}]),
    'a.pdf',
  );
  expect(remarks).toEqual(['2 of 4 pages hold no text (pages 2, 4): scanned pictures of text are not read']);
});

test('PDF: a file whose pages are all but empty is read where one holds text', async () => {
  const { text } = await loadPdf(
    file([{ text: 'Stamp 12' }, ...Array.from({ length: 9 }, () => ({}))]),
    'a.pdf',
  );
  expect(text).toContain('Stamp 12');
});

test('PDF: Japanese text whose character map the file only names', async () => {
  const objects = [
    '<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H /DescendantFonts [51 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 52 0 R >>',
    '<< /Type /FontDescriptor /FontName /Ryumin-Light /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>',
  ];
  // Shift JIS for 水素水.
  const raw = 'BT /F1 12 Tf 50 700 Td <908591669085> Tj ET';
  const { text } = await loadPdf(file([{ raw, font: 50 }], objects), 'a.pdf');
  expect(text).toContain('水素水');
});

test('PDF: letters of a font that does not say which they are', async () => {
  const objects = [
    '<< /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+Odd /FirstChar 65 /LastChar 66 /Widths [500 500] /ToUnicode 51 0 R >>',
    stream(
      '1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfchar <41> <E041> <42> <E042> endbfchar',
    ),
  ];
  const { remarks } = await loadPdf(file([{ text: 'ABABABAB', font: 50 }], objects), 'a.pdf');
  expect(remarks).toEqual([expect.stringMatching(/^100 % of its letters are of fonts that do not say/)]);
});

test('PDF: attached files are named', async () => {
  const objects = ['<< /Type /Filespec /F (costs.xlsx) /EF << /F 51 0 R >> >>', stream('x')];
  const names = '/Names << /EmbeddedFiles << /Names [(costs.xlsx) 50 0 R] >> >>';
  const { remarks } = await loadPdf(file([{ text: 'See the attachment.' }], objects, names), 'a.pdf');
  expect(remarks).toEqual(['1 attached file is not read (costs.xlsx)']);
});

test('PDF: a form that only some viewers show is named', async () => {
  const form = '/AcroForm << /Fields [] /XFA 50 0 R >>';
  const xfa = stream('<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"></xdp:xdp>');
  const { remarks } = await loadPdf(file([{ text: 'Please wait... your viewer' }], [xfa], form), 'a.pdf');
  expect(remarks).toEqual([expect.stringMatching(/XFA form, which is not read: save it as a plain PDF/)]);
});

const rows = Array.from({ length: 8 }, (_, i) => i);
const leftOf = (i: number): string => `left ${i} a line of the first column that goes on`;
const rightOf = (i: number): string => `right ${i} a line of the other column that goes on`;

test('PDF: columns that are written line by line across the page are read one after the other', async () => {
  const raw = placed([
    [50, 760, 'A title over both of the columns of this page, which is as wide as they are together'],
    ...rows.flatMap((i): [number, number, string][] => [
      [50, 740 - 12 * i, leftOf(i)],
      [320, 740 - 12 * i, rightOf(i)],
    ]),
    [50, 600, 'A footnote under both of the columns of this page, which is as wide as they are together'],
  ]);
  const { text } = await loadPdf(file([{ raw }]), 'a.pdf');
  const order = [...text.matchAll(/title|left \d|right \d|footnote/g)].map(([word]) => word);
  expect(order).toEqual([
    'title',
    ...rows.map((i) => `left ${i}`),
    ...rows.map((i) => `right ${i}`),
    'footnote',
  ]);
});

test('PDF: three columns are read one after the other', async () => {
  const raw = placed(
    rows.flatMap((i): [number, number, string][] => [
      [40, 740 - 12 * i, `left ${i} a line of the first`],
      [225, 740 - 12 * i, `middle ${i} a line of the next`],
      [410, 740 - 12 * i, `right ${i} a line of the last`],
    ]),
  );
  const { text } = await loadPdf(file([{ raw }]), 'a.pdf');
  const order = [...text.matchAll(/(?:left|middle|right) \d/g)].map(([word]) => word);
  expect(order).toEqual(['left', 'middle', 'right'].flatMap((side) => rows.map((i) => `${side} ${i}`)));
});

test('PDF: the rows of a table stay rows', async () => {
  const raw = placed(
    rows.flatMap((i): [number, number, string][] => [
      [50, 740 - 12 * i, `pump ${i}`],
      [320, 740 - 12 * i, `${i} bar`],
    ]),
  );
  const { text } = await loadPdf(file([{ raw }]), 'a.pdf');
  expect(text).toContain('pump 0 0 bar');
});

test('PDF: columns are looked for on a page of 120,000 words without comparing all with all', () => {
  const words = Array.from({ length: 120_000 }, (_, i) => ({
    ...{ str: `w${i}`, width: 5, hasEOL: i % 40 === 39 },
    transform: [1, 0, 0, 1, (i % 40) * 15 + (Math.floor(i / 40) % 7), 800 - i / 200],
  }));
  // It took a minute, which is far beyond the limit of a test.
  expect(inReadingOrder(words)).toHaveLength(words.length);
});
