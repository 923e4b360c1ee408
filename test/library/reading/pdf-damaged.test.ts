import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadPdf } from '../../../src/library/reading/loaders/pdf.ts';
import { file } from '../../support/files/pdf-objects.ts';

const whole = (): string =>
  file(Array.from({ length: 3 }, (_, i) => ({ text: `Text of page ${i + 1}` }))).toString('latin1');

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

function without(text: string, ...numbers: readonly number[]): string {
  return numbers.reduce((rest, number) => {
    const from = rest.indexOf(`\n${number} 0 obj`);
    return rest.slice(0, from) + rest.slice(rest.indexOf('endobj', from) + 'endobj'.length);
  }, text);
}

/** With a table of where the objects are, as programs write it. */
function withTable(text: string): string {
  const body = text.slice(0, text.indexOf('trailer'));
  const at = (number: number): number => body.indexOf(`\n${number} 0 obj`) + 1;
  const entries = Array.from({ length: 99 }, (_, i) =>
    at(i) > 0 ? `${String(at(i)).padStart(10, '0')} 00000 n ` : '0000000000 00000 f ',
  );
  return `${body}xref\n0 99\n${entries.join('\n')}\ntrailer << /Root 1 0 R /Size 99 >>\nstartxref\n${body.length}\n%%EOF\n`;
}

/** With objects 1, 2 and 10 to 12 in a stream of objects, as newer programs write them. */
function packed(text: string): string {
  const numbers = [1, 2, 10, 11, 12];
  const bodies = numbers.map((number) => {
    const from = text.indexOf(`\n${number} 0 obj`) + `\n${number} 0 obj`.length;
    return text.slice(from, text.indexOf('endobj', from));
  });
  const offsets = bodies.map((_, i) => bodies.slice(0, i).join('').length);
  const head = numbers.map((number, i) => `${number} ${offsets[i] ?? 0}`).join(' ');
  const data = deflateSync(`${head} ${bodies.join('')}`).toString('latin1');
  const dictionary = `<< /Type /ObjStm /N 5 /First ${head.length + 1} /Filter /FlateDecode /Length ${data.length} >>`;
  const object = `90 0 obj\n${dictionary}\nstream\n${data}\nendstream\nendobj\n`;
  return without(text, ...numbers).replace('trailer', () => `${object}trailer`);
}

const pagesIn = (text: string): string[] => [...text.matchAll(/Text of page \d/g)].map(([found]) => found);

test.each([1, 2, 3])('PDF: where page %i is missing, the others are read and it is named', async (page) => {
  const { text, remarks, metadata } = await loadPdf(bytesOf(without(whole(), 9 + page)), 'a.pdf');
  expect(pagesIn(text)).toEqual([1, 2, 3].filter((i) => i !== page).map((i) => `Text of page ${i}`));
  expect(remarks).toEqual([`1 of 3 pages cannot be read (${page})`]);
  expect(metadata['pages']).toBe(3);
});

test.each([
  ['is missing from the table', (text: string) => withTable(without(text, 10))],
  ['is no page', (text: string) => text.replace(/\n10 0 obj\n<<.*>>/, '\n10 0 obj\n(a text)')],
  ['breaks off', (text: string) => text.replace(/\n10 0 obj\n<<.*>>/, '\n10 0 obj\n<< /Type /Pa')],
  ['is null', (text: string) => text.replace('[10 0 R', '[null')],
  ['is the list of pages itself', (text: string) => text.replace('[10 0 R', '[2 0 R')],
])('PDF: where the first page %s, the others are read and it is named', async (_, broken) => {
  const { text, remarks } = await loadPdf(bytesOf(broken(whole())), 'a.pdf');
  expect(pagesIn(text)).toEqual(['Text of page 2', 'Text of page 3']);
  expect(remarks).toEqual(['1 of 3 pages cannot be read (1)']);
});

test.each([
  ['its list of pages is lost', (text: string) => without(text, 2)],
  ['a page has a wrong count before it', (text: string) => text.replace('/Count 3', '/Count 1')],
  [
    'a part of the list of pages is lost',
    (text: string) =>
      text
        .replace('[10 0 R 11 0 R 12 0 R]', '[40 0 R 12 0 R]')
        .replaceAll(/(1[01] 0 obj\n.*\/Parent) 2/g, '$1 40'),
  ],
])('PDF: all pages are read where %s', async (_, broken) => {
  const { text } = await loadPdf(bytesOf(broken(whole())), 'a.pdf');
  expect(pagesIn(text)).toEqual(['Text of page 1', 'Text of page 2', 'Text of page 3']);
});

test('PDF: pages that lie in a stream of objects are found where the table of it is lost', async () => {
  const { text } = await loadPdf(bytesOf(packed(whole())), 'a.pdf');
  expect(pagesIn(text)).toEqual(['Text of page 1', 'Text of page 2', 'Text of page 3']);
});

test('PDF: of a file that was cut off what is there is read, and said', async () => {
  const text = without(withTable(whole()), 1, 2);
  const cut = text.slice(0, text.indexOf('\n12 0 obj'));
  const { text: read, remarks } = await loadPdf(bytesOf(cut), 'a.pdf');
  expect(pagesIn(read)).toEqual(['Text of page 1', 'Text of page 2']);
  expect(remarks).toEqual(['its list of pages is damaged: 2 were found, and others may be missing']);
});

test('PDF: a page whose content is broken keeps what is before and behind', async () => {
  const broken = whole().replace('(Text of page 2) Tj', '(Text of page 2) Tj << [ ) >> (Behind it) Tj');
  const { text } = await loadPdf(bytesOf(broken), 'a.pdf');
  expect(pagesIn(text)).toEqual(['Text of page 1', 'Text of page 2', 'Text of page 3']);
});

test('PDF: a page whose content breaks off before any text is damaged, not a picture', async () => {
  const broken = whole().replace('(Text of page 2) Tj', '<< [ ) BX (Te');
  expect((await loadPdf(bytesOf(broken), 'a.pdf')).remarks).toEqual(['1 of 3 pages cannot be read (2)']);
});

test('PDF: a page whose content cannot be read at all is named', async () => {
  const { text, remarks } = await loadPdf(bytesOf(without(whole(), 31)), 'a.pdf');
  expect(pagesIn(text)).toEqual(['Text of page 1', 'Text of page 3']);
  expect(remarks).toEqual([expect.stringContaining('(page 2)')]);
});

test('PDF: a file of which no page can be read is refused with the reason', async () => {
  await expect(loadPdf(bytesOf(without(whole(), 10, 11, 12)), 'a.pdf')).rejects.toThrow(
    'damaged: none of its pages can be read',
  );
});

test.each([
  ['lists of pages that never close', '/Kids['],
  ['objects that never end', '1 0 obj '],
  ['dictionaries that never close', '<</Type/Page'],
])('PDF: 10 MB of %s take no longer than reading them', async (_, unit) => {
  const pdf = bytesOf(`%PDF-1.7\n1 0 obj\n${unit.repeat(10_000_000 / unit.length)}`);
  await expect(loadPdf(pdf, 'a.pdf')).rejects.toThrow(/^damaged|^no text/);
});
