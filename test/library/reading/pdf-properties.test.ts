import { expect, test } from 'vitest';
import { loadPdf } from '../../../src/library/reading/loaders/pdf.ts';
import { propertiesOf } from '../../../src/library/reading/loaders/pdf-properties.ts';
import { file } from '../../support/files/pdf-objects.ts';

test('PDF: a title that is no words is replaced by the name of the file, and such an author left out', async () => {
  const pdf = file([{ text: 'Words of it.' }], [], '', '/Title (scan.jpg) /Author (ARRAY\\(0x2c7cf020\\))');
  const { title, metadata } = await loadPdf(pdf, 'plan.pdf');
  expect(title).toBe('plan.pdf');
  expect(metadata).toEqual({ pages: 1 });
});

test.each([
  ...['Microsoft Word - 123.doc', 'Microsoft Word - Plan', 'Microsoft PowerPoint', 'PowerPoint Presentation'],
  ...['Untitled', '(untitled)', 'Untitled spreadsheet', 'Untitled-1', 'ohne Titel', '無題', 'Sans titre 2'],
  ...['Document1', 'Book1', 'Sheet 2', 'Slide 12', 'Page', 'Präsentation1', 'Enscript Output'],
  ...['scan.jpg', 'loremipsum.jpg', 'Ash02.ps', 'Chapter 3.ps', 'Annual report 2019.xlsx', 'figure.EPS'],
  ...['scan0012', 'Scan_20200101_3', 'IMG_1234', 'Scanned Document', 'Scanned from a Xerox device'],
  ...[
    'C:\\Users\\ada\\plan',
    '/home/ada/the plan',
    'file:///tmp/a',
    '\\\\server\\share\\plan',
    'about:blank',
  ],
  ...['12-34', '8f14e45fceea167a5a36dedd4bea2543', '???', '()', '\u0000', 'null', '[object Object]'],
  '\uE041\uE042\uE043',
])('PDF: "%s" is no title', (title) => {
  expect(propertiesOf({ Title: title }).title).toBeUndefined();
});

test.each([
  ...['Node.js', 'ASP.NET', 'Getting started with Socket.io', 'R v. Smith et al.', 'U.S. Government'],
  ...[
    'Microsoft Word for beginners',
    'Microsoft Excel 2019 Bible',
    'Untitled Goose Game',
    'Scanning tunnels',
  ],
  ...['Document management', 'Form 1040', 'Title 17', 'Book of tables', 'Image processing 2', 'Page layout'],
  ...['水', '코로나-19 관련', 'تحسين', 'C/C++ and TCP/IP', 'And/or', 'deepseek-v3-fp8', 'Null hypotheses'],
])('PDF: "%s" is a title', (title) => {
  expect(propertiesOf({ Title: title }).title).toBe(title);
});

test.each([
  ...['ARRAY(0x1234)', 'HASH(0x2c7cf020)', '<Author object at 0x7f00>', '[object Object]', 'anonymous'],
  ...['(anonymous)', 'Unknown', '()', '-', 'X', 'Administrator', 'Microsoft Office User', 'user', 'C:\\x'],
])('PDF: "%s" is no author', (author) => {
  expect(propertiesOf({ Author: author }).author).toBeUndefined();
});

test.each(['Ada Lovelace', '王', 'SE:W:CAR:MP:I:S', 'Daan <daan@example.com>', 'Microsoft', 'The Unknowns'])(
  'PDF: "%s" is an author',
  (author) => {
    expect(propertiesOf({ Author: author }).author).toBe(author);
  },
);

test.each([
  ['UTF-16 without its mark', '\u0000M\u0000e\u0000s\u0000s\u0000\u00FC', 'Messü'],
  ['UTF-16, little end first', 'P\u0000l\u0000a\u0000n\u0000', 'Plan'],
  ['UTF-16 whose mark was taken for letters', 'þÿ\u0000P\u0000l\u0000\u00E4\u0000n', 'Plän'],
  ['UTF-16 written in octal', '\\376\\377\\000P\\000l\\000a\\000n', 'Plan'],
  ['UTF-16 written as hexadecimal digits', '<FEFF0050006C0061006E>', 'Plan'],
  ['UTF-8 that is right', 'Résumé €5 – plan', 'Résumé €5 – plan'],
  ['UTF-8 of accents', 'RÃ©sumÃ©', 'Résumé'],
  ['line breaks and zeros', 'A  plan\r\n\u0000', 'A plan'],
])('PDF: a title in %s', (_, written, title) => {
  expect(propertiesOf({ Title: written }).title).toBe(title);
});
