import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testCall } from '../../support/call.ts';
import { docx, epub, ods, pptx, xlsx } from '../../support/files/office.ts';
import { openDocument } from '../../support/files/open-document.ts';
import { pdf } from '../../support/files/pdf.ts';
import { zip } from '../../support/files/zip.ts';
import { folderOf, sharedWordsOnly } from '../support.ts';

const emptied = sharedWordsOnly();

/** What becomes of the files of a folder: type and text of the only document, or why there is none. */
async function ingested(files: Readonly<Record<string, string | Uint8Array>>) {
  const library = await emptied();
  const { skipped } = await library.ingest([await folderOf(files)], testCall());
  const [document] = (await library.list({ limit: 10 }, testCall())).documents;
  if (!document) return { refused: skipped.map(({ reason }) => reason).join() };
  const { text } = await library.get(document.id, { maxBytes: 10_000 }, testCall());
  return { type: document.type, text };
}

const mail = 'From: Ada <ada@example.org>\nTo: max@example.org\nSubject: Leak\n\nThe Valve leaks.\n';
const cell = JSON.stringify({ nbformat: 4, cells: [{ cell_type: 'markdown', source: ['Valve'] }] });
const paragraph = '<text:p>Valve</text:p>';
/** Its mark is put together, so that nobody takes this file for one with keys. */
const pem = (kind: string): string => `-----BEGIN ${kind}-----\nMIIE\n`;

describe('a file without a telling name is read as what it is', () => {
  test.each([
    ['text', 'text', 'The Valve leaks.'],
    ['text in UTF-16', 'text', Buffer.from('\ufeffThe Valve leaks.', 'utf16le')],
    ['text in an older encoding', 'text', Buffer.from('Das Valve l\u00e4uft.\n'.repeat(9), 'latin1')],
    ['text that begins as a program of Windows does', 'text', 'MZ is short for Valve.'],
    ['a list of settings', 'text', 'from: Valve\nmode: open\n\nrest'],
    ['text in braces', 'text', '{Valve} is a name.'],
    ['HTML', 'html', '<!DOCTYPE html><title>A</title><p>Valve</p>'],
    ['XHTML', 'html', '<?xml version="1.0"?>\n<html><body><p>Valve</p></body></html>'],
    ['Markdown with front matter', 'markdown', '---\ntitle: Pumps\n---\n\n# Valve\n'],
    ['JSON', 'json', '{"part": "Valve"}'],
    ['JSON after a byte order mark', 'json', '\ufeff[{"part": "Valve"}]'],
    ['JSON lines', 'jsonl', '{"part": "Valve"}\n{"part": "Pump"}\n'],
    ['a Jupyter notebook', 'notebook', cell],
    ['a script', 'code', '#!/bin/sh\necho Valve\n'],
    ['XML', 'code', '<?xml version="1.0"?>\n<part>Valve</part>\n'],
    ['an e-mail', 'email', mail],
    ['an e-mail with a header beyond the first bytes', 'email', `X-Seal: ${'a '.repeat(90)}\n${mail}`],
    ['a mailbox', 'mailbox', `From ada@example.org Mon Mar  2 10:00:00 2026\n${mail}`],
    ['RTF', 'rtf', String.raw`{\rtf1\ansi Valve}`],
    ['PDF', 'pdf', pdf([[{ text: 'Valve', y: 700 }]])],
    ['DOCX', 'docx', docx(['Valve'])],
    ['PPTX', 'pptx', pptx([{ title: 'Valve', lines: [] }])],
    ['XLSX', 'xlsx', xlsx({ Parts: [['Valve']] })],
    ['ODS', 'ods', ods({ Parts: [['Valve']] })],
    ['OpenDocument text', 'odt', openDocument('text', paragraph)],
    ['EPUB', 'epub', epub('Book', ['<p>Valve</p>'])],
  ])('%s', async (_what, type, content) => {
    expect(await ingested({ report: content })).toEqual({
      type,
      text: expect.stringContaining('Valve'),
    });
  });

  test.each(['Makefile', 'report v1.2', 'ls.1', 'README.de', 'letter to Dr. Smith', 'page.wiki', 'data.dat'])(
    'whatever its name is: %s',
    async (name) => {
      expect(await ingested({ [name]: 'Valve' })).toEqual({ type: 'text', text: 'Valve' });
    },
  );
});

describe('a file that no reader takes is refused with what it is', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  test.each([
    ['a picture', Buffer.concat([png, Buffer.alloc(100)]), /its content is image\/png/],
    ['an archive', zip({ 'a.txt': 'Valve' }), /its content is application\/zip/],
    ['PostScript', '%!PS-Adobe-3.0\n%%Title: Valve', /its content is application\/postscript/],
    ['data of a program', Buffer.from([1, 2, 0, 3, 0, 0, 9]), /its content is binary/],
    ['an old Office file', Buffer.from('d0cf11e0a1b11ae1'.padEnd(2_048, '0'), 'hex'), /save it .* as \.docx/],
    ['a private key', pem('PRIVATE KEY'), /its content is keys or certificates/],
    ['a key after its attributes', `Bag\n${pem('RSA PRIVATE KEY')}`, /keys or certificates/],
    ['a certificate', pem('CERTIFICATE'), /keys or certificates/],
  ])('%s', async (_what, content, reason) => {
    expect(await ingested({ report: content })).toEqual({ refused: expect.stringMatching(reason) });
  });

  test.each([
    ['photo.heic', /^not a supported file type \(Markdown, text/],
    ['notes.txt~', /^not a supported file type/],
    ['old.doc', /^not a supported file type: save it as \.docx/],
    ['id_ed25519', /keys or passwords/],
    ['server.pem', /keys or passwords/],
    ['production.env', /keys or passwords/],
    ['terraform.tfstate', /keys or passwords/],
    ['.env', /^hidden file/],
  ])('by its name: %s, even if it is text', async (name, reason) => {
    expect(await ingested({ [name]: 'Valve' })).toEqual({ refused: expect.stringMatching(reason) });
  });
});

test('of a large file that is no document, only the beginning is read', async () => {
  const library = await emptied();
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'disk'), Buffer.from([0]));
  // Twenty times the limit: a file that is read whole is refused for its size.
  await truncate(join(directory, 'disk'), 1_000_000_000);

  const { skipped } = await library.ingest([directory], testCall());

  expect(skipped.map(({ reason }) => reason)).toEqual(['not a supported file type: its content is binary']);
});

test('a document under the name of an e-mail is read as what it is', async () => {
  expect(await ingested({ 'scan.eml': docx(['Valve']) })).toEqual({
    type: 'docx',
    text: expect.stringContaining('Valve'),
  });
});

test.each(['message', 'message.eml', 'message.msg', 'message.dat'])(
  'a message of Outlook is read whatever its name is: %s',
  async (name) => {
    const content = await readFile(new URL('../../support/files/outlook/msgInMsg.msg', import.meta.url));
    expect(await ingested({ [name]: content })).toMatchObject({ type: 'outlook' });
  },
);

test('a file that has become something else is no longer found', async () => {
  const library = await emptied();
  const folder = await folderOf({ report: 'Valve' });
  await library.ingest([folder], testCall());
  await writeFile(join(folder, 'report'), Buffer.from([0, 1, 2]));

  const { removed } = await library.ingest([folder], testCall());

  expect(removed).toBe(1);
});

test('an attachment without a telling name is read by its content', async () => {
  const part = `--b\nContent-Type: text/plain\n\nSee below.\n--b\nContent-Disposition: attachment; filename="limits"\nContent-Transfer-Encoding: base64\n\n${docx(['At most 700 bar.']).toString('base64')}\n--b--\n`;
  const message = `From: a@example.org\nTo: b@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n${part}`;

  const { text } = await ingested({ 'a.eml': message });

  expect(text).toContain('At most 700 bar.');
});
