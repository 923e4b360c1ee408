import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DocumentType } from '../../../src/library/reading/formats.ts';
import { loadEmail } from '../../../src/library/reading/loaders/email.ts';
import { parseDocument } from '../../../src/library/reading/parse.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { docx } from '../../support/files/office.ts';

/** What the parser makes of a file. */
async function read(name: string, type: DocumentType, content: string | Uint8Array) {
  const file = join(await temporaryDirectory(), name);
  await writeFile(file, content);
  const reply = await parseDocument({
    id: `docs/${name}`,
    name,
    type,
    content: { file, maxBytes: 10_000_000 },
  });
  if (!('document' in reply)) throw new Error(JSON.stringify(reply));
  return reply.document;
}

const attached = (name: string, bytes: Uint8Array): string =>
  `--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${Buffer.from(bytes).toString('base64')}\n`;

const message = (...parts: readonly string[]): string =>
  `From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\nTo: ada@example.org\nSubject: Pump\n  report\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n${parts.join('')}--b--\n`;

const body =
  '--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nDas Ventil ist ge=F6ffnet.\n';

test('e-mail: sender, subject and text are read, whatever they are encoded in', async () => {
  const { title, text, metadata } = await read('a.eml', 'email', message(body));
  expect(title).toBe('Pump report');
  expect(text).toBe(
    '# Pump report\n\nFrom: Jörg <joerg@example.org>\nTo: ada@example.org\nDate: 2026-03-02T10:00:00.000Z\n\nDas Ventil ist geöffnet.',
  );
  expect(metadata).toMatchObject({ from: 'Jörg <joerg@example.org>', date: '2026-03-02T10:00:00.000Z' });
});

test('e-mail: an attachment that has a reader is a part of the text, others are named', async () => {
  const file = docx([{ heading: 'Limits', level: 1 }, 'At most 700 bar.']);
  const { text, metadata } = await read(
    'a.eml',
    'email',
    message(body, attached('limits.docx', file), attached('photo.heic', Buffer.from([0, 1, 2]))),
  );
  expect(text).toContain('## Attachment: limits.docx\n\n### Limits\n\nAt most 700 bar.');
  expect(metadata).toMatchObject({ reader_remarks: ['1 attachment is not read (photo.heic)'] });
});

test('e-mail: an attachment that is damaged is named with the reason', async () => {
  const { metadata } = await read(
    'a.eml',
    'email',
    message(body, attached('a.docx', Buffer.from('PK\u0003\u0004nonsense'))),
  );
  expect(metadata['reader_remarks']).toEqual([
    expect.stringMatching(/^1 attachment is not read \(a\.docx: /),
  ]);
});

test('e-mail: where the text part says nothing, the HTML part is read', async () => {
  const html = '--b\nContent-Type: text/html\n\n<p>The valve</p><p>is open.</p>\n';
  expect((await read('a.eml', 'email', message(html))).text).toContain('The valve\n\nis open.');
});

test('a mailbox: each message stands under its subject', async () => {
  const mail = (subject: string, text: string): string =>
    `From a@example.org Mon Jan  1 00:00:00 2026\nSubject: ${subject}\n\n${text}\n\n`;
  const { text, metadata } = await read(
    'a.mbox',
    'mailbox',
    mail('One', 'First.\n>From the start.') + mail('Two', 'Second.'),
  );
  expect(text).toBe('# One\n\nFirst.\n>From the start.\n\n# Two\n\nSecond.');
  expect(metadata['messages']).toBe(2);
});

test.each([
  ['a.eml', 'email', 'no header at all', /./],
  ['a.mbox', 'mailbox', 'no message', /not a mailbox/],
] as const)('%s: what is none is refused with the reason', async (name, type, content, reason) => {
  await expect(read(name, type, content)).rejects.toThrow(reason);
});

test.each([
  ['a report on delivery', 'message/delivery-status', 'Status: 5.7.1 refused'],
  ['the headers of a returned message', 'text/rfc822-headers', 'X-Refused: by the gate'],
  ['a message that is forwarded', 'message/rfc822', 'Subject: Valve\n\nThe valve leaks.'],
  ['text of a kind that nobody knows', 'text/x-one', 'Some lines'],
  ['text whose kind is only half said', 'text', 'Some lines'],
])('e-mail: %s, a part without a name, is read', async (_what, kind, content) => {
  const part = `--b\nContent-Type: ${kind}\n\n${content}\n`;

  const { text, metadata } = await read('a.eml', 'email', message(body, part));

  expect(text).toContain(content.split('\n').at(-1));
  expect(metadata).not.toHaveProperty('reader_remarks');
});

test.each([
  ['UTF-16 with a mark', Buffer.from(`\ufeff${message(body)}`, 'utf16le')],
  ['UTF-16 without one', Buffer.from(message(body), 'utf16le')],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${message(body)}`)],
])('e-mail: a message that was saved as %s is read', async (_what, bytes) => {
  const { title, text } = await read('a.eml', 'email', bytes);

  expect(title).toBe('Pump report');
  expect(text).toContain('Das Ventil ist geöffnet.');
});

test('what the page of a message hides is named', async () => {
  const message = 'Subject: Offer\nContent-Type: text/html\n\n<p>Text.</p><p hidden>old price</p>\n';
  expect((await loadEmail(Buffer.from(message), 'a.eml')).remarks).toEqual([
    '1 hidden part of the page is not read',
  ]);
});
