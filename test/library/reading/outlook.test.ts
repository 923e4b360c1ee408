import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadOutlook } from '../../../src/library/reading/loaders/outlook.ts';
import { parseDocument } from '../../../src/library/reading/parse.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { docx } from '../../support/files/office.ts';
import { type OutlookItem, outlook, tags } from '../../support/files/outlook.ts';

async function readFile(file: string) {
  const content = { file, maxBytes: 10_000_000 };
  const reply = await parseDocument({ id: 'docs/a.msg', name: 'a.msg', type: 'outlook', content });
  if (!('document' in reply)) throw new Error(JSON.stringify(reply));
  return reply.document;
}

async function read(item: OutlookItem) {
  const file = join(await temporaryDirectory(), 'a.msg');
  await writeFile(file, outlook(item));
  return readFile(file);
}

const pump = {
  [tags.subject]: 'Pump report',
  [tags.senderName]: 'Jörg',
  [tags.senderAddress]: 'joerg@example.org',
};

test('an Outlook message: sender, recipients, subject and text are read', async () => {
  const { title, text, metadata } = await read({
    properties: { ...pump, [tags.body]: 'Das Ventil ist geöffnet.\r\n\r\nBitte prüfen.' },
    recipients: [{ [tags.name]: 'Ada', [tags.smtpAddress]: 'ada@example.org' }],
  });
  expect(title).toBe('Pump report');
  expect(text).toBe(
    '# Pump report\n\nFrom: Jörg <joerg@example.org>\nTo: Ada <ada@example.org>\n\nDas Ventil ist geöffnet.\n\nBitte prüfen.',
  );
  expect(metadata).toMatchObject({ from: 'Jörg <joerg@example.org>', to: 'Ada <ada@example.org>' });
});

test('an Outlook message that has its text as a page alone is read', async () => {
  const page = Buffer.from('<html><body><h2>Valves</h2><p>They are open.</p></body></html>');
  const { text } = await read({ properties: { ...pump, [tags.html]: page } });
  expect(text).toMatch(/## Valves\n\nThey are open\.$/);
});

test('an Outlook message: an attachment with a reader is a part of the text, another one is named', async () => {
  const { text, metadata } = await read({
    properties: { ...pump, [tags.body]: 'See below.' },
    attachments: [
      { [tags.fileName]: 'plan.docx', [tags.data]: docx(['Open the valve first.']) },
      { [tags.fileName]: 'sound.mp3', [tags.data]: Buffer.from('ID3') },
    ],
  });
  expect(text).toContain('## Attachment: plan.docx\n\nOpen the valve first.');
  expect(JSON.stringify(metadata)).toContain('1 attachment is not read (sound.mp3)');
});

test('an item of Outlook that is no message says so, and its usual fields are read', async () => {
  const { text, metadata } = await read({
    properties: {
      [tags.messageClass]: 'IPM.Contact',
      [tags.subject]: 'Ada Byron',
      [tags.company]: 'Engines Ltd',
    },
  });
  expect(text).toContain('Company: Engines Ltd');
  expect(JSON.stringify(metadata)).toContain('no message but an item of Outlook (IPM.Contact)');
});

test.each([
  ['text', Buffer.from('From: a')],
  ['half of one', outlook({ properties: pump }).subarray(0, 700)],
])('%s is no Outlook message', async (_what, bytes) => {
  await expect(loadOutlook(new Uint8Array(bytes), 'a.msg')).rejects.toThrow(
    'damaged: not an Outlook message',
  );
});

const real = (name: string): string =>
  fileURLToPath(new URL(`../../support/files/outlook/${name}`, import.meta.url));

test('an old Outlook message that is not in Unicode is read in the encoding of its language', async () => {
  const { title } = await readFile(real('nonUnicodeCP932.msg'));
  expect(title).toBe('日本語 Non Unicode タイトル');
});

test('an Outlook message in a message is a part of its text', async () => {
  const { text } = await readFile(real('msgInMsg.msg'));
  expect(text).toContain('Attachment: Microsoft Outlook テスト メッセージ.msg');
});
