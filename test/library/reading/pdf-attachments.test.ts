import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDocument } from '../../../src/library/reading/parse.ts';
import { remarksField } from '../../../src/stores/index/remarks.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { docx } from '../../support/files/office.ts';
import { file, stream } from '../../support/files/pdf-objects.ts';

/** What the parser makes of a PDF. */
async function read(bytes: Uint8Array) {
  const path = join(await temporaryDirectory(), 'a.pdf');
  await writeFile(path, bytes);
  const content = { file: path, maxBytes: 10_000_000 };
  const reply = await parseDocument({ id: 'docs/a.pdf', name: 'a.pdf', type: 'pdf', content });
  if (!('document' in reply)) throw new Error('skipped' in reply ? reply.skipped : 'no document');
  return { ...reply.document, remarks: reply.document.metadata[remarksField] };
}

interface Attached {
  readonly name: string;
  readonly content: string;
  readonly description?: string;
}

/** In letters, so that a reader that looks for objects sees none of a PDF in a PDF. */
const hexStream = (content: string): string =>
  stream(`${Buffer.from(content, 'latin1').toString('hex')}>`).replace('<<', '<< /Filter /ASCIIHexDecode');

/** Objects from 50 on: two for each file, of which the first one names it. */
const objectsOf = (files: readonly Attached[]): string[] =>
  files.flatMap(({ name, content, description = '' }, i) => [
    `<< /Type /Filespec /F (${name}) /Desc (${description}) /EF << /F ${51 + 2 * i} 0 R >> >>`,
    hexStream(content),
  ]);

const listOf = (files: readonly Attached[], more = ''): string =>
  `/Names << /EmbeddedFiles << /Names [${files.map(({ name }, i) => `(${name}) ${50 + 2 * i} 0 R`).join(' ')}] >> >> ${more}`;

const withFiles = (files: readonly Attached[], text: string | undefined = 'See the attachment.', more = '') =>
  file([text === '' ? {} : { text }], objectsOf(files), listOf(files, more));

test('PDF: a file that is attached is a part of the text, under its name', async () => {
  const { text, chunks, remarks } = await read(
    withFiles([{ name: 'limits.md', content: '# Limits\n\nAt most 700 bar.', description: 'What it bears' }]),
  );
  expect(text).toBe(
    '[page 1]\n\nSee the attachment.\n\n# Attachment: limits.md\n\nWhat it bears\n\n## Limits\n\nAt most 700 bar.',
  );
  expect(remarks).toBeUndefined();
  const passage = chunks.find((chunk) => chunk.text.includes('700 bar'));
  expect(passage?.heading).toEqual(['Attachment: limits.md', 'Limits']);
  expect(passage).not.toHaveProperty('place');
});

test('PDF: a Word file that is attached is read', async () => {
  const content = Buffer.from(docx(['At most 700 bar.'])).toString('latin1');
  expect((await read(withFiles([{ name: 'limits.docx', content }]))).text).toContain('At most 700 bar.');
});

test('PDF: a file that is attached to a place of a page is read once, also where it is listed', async () => {
  const files = [{ name: 'limits.txt', content: 'At most 700 bar.' }];
  const note =
    '<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 50 0 R /Contents (The limits) >>';
  const page = { text: 'See the pin.', annotations: [52] };
  const pinned = await read(file([page], [...objectsOf(files), note]));
  expect(pinned.text).toContain('# Attachment: limits.txt\n\nThe limits\n\nAt most 700 bar.');
  const both = await read(file([page], [...objectsOf(files), note], listOf(files)));
  expect(both.text.match(/700 bar/g)).toHaveLength(1);
});

test('PDF: a portfolio whose cover is a picture is what its files hold', async () => {
  const { text, remarks } = await read(
    withFiles([{ name: 'limits.txt', content: 'At most 700 bar.' }], '', '/Collection << /View /T >>'),
  );
  expect(text).toContain('At most 700 bar.');
  expect(remarks).toEqual([expect.stringMatching(/^1 of 1 pages holds no text/)]);
});

test('PDF: a file of pictures whose attachment cannot be read either is refused with both', async () => {
  await expect(read(withFiles([{ name: 'a.bin', content: 'x' }], ''))).rejects.toThrow(
    'no text on its page: scanned? Run text recognition (OCR) on it first; 1 attached file is not read (a.bin)',
  );
});

test('PDF: attached files that are not read are named with the reason', async () => {
  const { remarks } = await read(
    withFiles([
      { name: 'a.bin', content: 'x' },
      { name: 'b.pdf', content: '%PDF-1.7' },
    ]),
  );
  expect(remarks).toEqual([
    expect.stringMatching(/^2 attached files are not read \(a\.bin; b\.pdf: damaged.+\)$/),
  ]);
});

test('PDF: a file of which it has only the name is named', async () => {
  const objects = ['<< /Type /Filespec /F (costs.txt) >>'];
  const { remarks } = await read(
    file([{ text: 'Costs' }], objects, '/Names << /EmbeddedFiles << /Names [(costs.txt) 50 0 R] >> >>'),
  );
  expect(remarks).toEqual(['1 attached file is not read (costs.txt: only its name is in the file)']);
});

test('PDF: what is left out of an attached file is said with its name', async () => {
  const content = '<p>Text</p><p hidden>old price</p>';
  expect((await read(withFiles([{ name: 'offer.html', content }]))).remarks).toEqual([
    'offer.html: 1 hidden part of the page is not read',
  ]);
});

test('PDF: files beyond the limit are counted', async () => {
  const files = Array.from({ length: 203 }, (_, i) => ({ name: `${i}.txt`, content: `Text ${i}.` }));
  const { text, remarks } = await read(withFiles(files));
  expect(text.match(/# Attachment/g)).toHaveLength(200);
  expect(remarks).toEqual(['1 attached file is not read (3 more)']);
});

test('PDF: PDFs in one another are read so deep as messages are', async () => {
  let inner: Attached = { name: 'inner.txt', content: 'The innermost text.' };
  for (let i = 0; i < 4; i++) {
    inner = { name: `${i}.pdf`, content: withFiles([inner], `Level ${i}`).toString('latin1') };
  }
  const { text, remarks } = await read(Buffer.from(inner.content, 'latin1'));
  expect([...text.matchAll(/Level \d/g)].map(([level]) => level)).toEqual([
    'Level 3',
    'Level 2',
    'Level 1',
    'Level 0',
  ]);
  expect(remarks).toEqual([expect.stringMatching(/1 attached file is not read \(inner\.txt\)$/)]);
});
