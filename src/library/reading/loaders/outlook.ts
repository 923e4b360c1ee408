import type { FieldsData } from '@kenjiuno/msgreader';
import { maxAttachments, writeAttachment } from './attachments.ts';
import { normalDate } from './dates.ts';
import { type LeftOutOfMessage, leftOutOfMessage, remarksOnMessage, writeBody } from './email.ts';
import { type LoadedDocument, type NestedReader, Unreadable } from './loader.ts';
import { writeNested } from './nested.ts';
import { loadRtf } from './rtf.ts';
import { createWriter, type Writer } from './writer.ts';

/** Longest compressed RTF that is unpacked, bytes. */
const maxRtf = 5_000_000;

/** The code pages of languages whose texts are not in windows-1252, by the language that is the lower part of a locale's number. */
const codePages: Readonly<Record<number, string>> = {
  ...{
    1: 'windows-1256',
    2: 'windows-1251',
    4: 'gb18030',
    5: 'windows-1250',
    8: 'windows-1253',
    13: 'windows-1255',
  },
  ...{ 14: 'windows-1250', 17: 'shift_jis', 18: 'euc-kr', 21: 'windows-1250', 24: 'windows-1250' },
  ...{ 25: 'windows-1251', 26: 'windows-1250', 27: 'windows-1250', 30: 'windows-874', 31: 'windows-1254' },
  ...{ 34: 'windows-1251', 36: 'windows-1250', 37: 'windows-1257', 38: 'windows-1257', 39: 'windows-1257' },
};

/** What old messages, which are not in Unicode, are encoded in: by their locale. */
const ansiEncoding = ({ messageLocaleId = 0 }: FieldsData): string =>
  codePages[messageLocaleId & 0x3ff] ?? 'windows-1252';

/** Fields of appointments, contacts and tasks that are no text of theirs. */
const fieldLabels: Readonly<Partial<Record<keyof FieldsData, string>>> = {
  apptLocation: 'Location',
  apptStartWhole: 'Start',
  apptEndWhole: 'End',
  companyName: 'Company',
  departmentName: 'Department',
  title: 'Position',
  businessTelephoneNumber: 'Telephone',
  homeTelephoneNumber: 'Telephone at home',
  mobileTelephoneNumber: 'Mobile telephone',
  email1EmailAddress: 'E-mail',
  postalAddress: 'Address',
  businessHomePage: 'Web page',
};

interface Message {
  readonly fields: FieldsData;
  readonly attachment: (fields: FieldsData) => { readonly fileName: string; readonly content: Uint8Array };
}

const compoundFile = [0xd0, 0xcf, 0x11, 0xe0];

async function parsed(bytes: Uint8Array): Promise<Message> {
  if (!compoundFile.every((byte, i) => bytes[i] === byte))
    throw new Unreadable('damaged: not an Outlook message');
  const { default: library } = await import('@kenjiuno/msgreader');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const encoding = ansiEncoding(new library.default(view).getFileData());
    const reader = new library.default(view);
    reader.parserConfig = { ansiEncoding: encoding };
    const fields = reader.getFileData();
    if (fields.error === undefined && fields.messageClass !== undefined)
      return { fields, attachment: (one) => reader.getAttachment(one) };
  } catch {
    // What the library throws says nothing to anybody.
  }
  throw new Unreadable('damaged: not an Outlook message');
}

function addressText(name = '', address = ''): string {
  const bare = name.replace(/^'(.*)'$/, '$1');
  // Inside of a company, addresses are paths of a directory.
  if (!address.includes('@') || bare === address) return bare || address;
  return bare === '' ? address : `${bare} <${address}>`;
}

const senderText = ({ senderName, senderSmtpAddress, senderEmail }: FieldsData): string =>
  addressText(senderName, senderSmtpAddress ?? senderEmail);

const recipientsText = ({ recipients = [] }: FieldsData, type: 'to' | 'cc' | 'bcc'): string =>
  recipients
    .filter(({ recipType = 'to' }) => recipType === type)
    .map(({ name, smtpAddress, email }) => addressText(name, smtpAddress ?? email))
    .join(', ');

function dateText(text: string | undefined): string {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? (text ?? '') : (normalDate(date.toISOString()) ?? date.toISOString());
}

const sentAt = ({ clientSubmitTime, messageDeliveryTime }: FieldsData): string =>
  dateText(clientSubmitTime ?? messageDeliveryTime);

function headOf(fields: FieldsData): string[] {
  const lines = [
    ['From', senderText(fields)],
    ...(['to', 'cc', 'bcc'] as const).map((type) => [
      `${type.charAt(0).toUpperCase()}${type.slice(1)}`,
      recipientsText(fields, type),
    ]),
    ['Date', sentAt(fields)],
    ...Object.entries(fieldLabels).map(([field, label]) => {
      const value = fields[field as keyof FieldsData];
      const text = typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : '';
      return [label, field.endsWith('Whole') && text !== '' ? dateText(text) : text];
    }),
  ];
  return lines.flatMap(([label, value]) => (value === '' ? [] : [`${label}: ${value}`]));
}

/** A message that has its text in the format of Outlook alone. */
async function writeRtf(packed: Uint8Array, writer: Writer, leftOut: LeftOutOfMessage): Promise<void> {
  const { default: library } = await import('@kenjiuno/decompressrtf');
  try {
    if (packed.length > maxRtf) throw new Unreadable('too large');
    const rtf = Uint8Array.from(library.decompressRTF([...packed]));
    writeNested(await loadRtf(rtf, ''), writer, 2);
  } catch {
    leftOut.remarks.push('its formatted text cannot be read');
  }
}

async function writeText(fields: FieldsData, writer: Writer, leftOut: LeftOutOfMessage): Promise<void> {
  const { body = '', bodyHtml, html, compressedRtf } = fields;
  const page = bodyHtml ?? (html && new TextDecoder().decode(html)) ?? '';
  if (body.trim() === '' && page.trim() === '' && compressedRtf)
    return writeRtf(compressedRtf, writer, leftOut);
  writeBody({ text: body, html: page }, writer, leftOut);
}

async function writeAttachments(
  { fields, attachment }: Message,
  writer: Writer,
  leftOut: LeftOutOfMessage,
  nested: NestedReader | undefined,
): Promise<void> {
  const all = fields.attachments ?? [];
  for (const one of all.slice(0, maxAttachments)) {
    const name = one.fileName ?? one.name ?? 'attachment';
    // What belongs to the layout of the message.
    if (one.attachmentHidden === true && /\.(png|jpe?g|gif|bmp|emz|wmz)$/i.test(name)) continue;
    try {
      const { content } = attachment(one);
      const whole = one.innerMsgContent === true ? `${name}.msg` : name;
      await writeAttachment({ name: whole, bytes: content }, writer, 2, leftOut, nested);
    } catch {
      leftOut.unread.push(name);
    }
  }
  if (all.length > maxAttachments) leftOut.unread.push(`${all.length - maxAttachments} more`);
}

const isMessage = (kind: string): boolean => /^(ipm\.note|report\.)/i.test(kind);

/** A message, appointment or contact of Outlook (MSG) with its attachments, as e-mail is read. */
export async function loadOutlook(
  bytes: Uint8Array,
  name: string,
  nested?: NestedReader,
): Promise<LoadedDocument> {
  const message = await parsed(bytes);
  const { fields } = message;
  const writer = createWriter();
  const leftOut = leftOutOfMessage();
  const subject = fields.subject?.replace(/\s+/g, ' ').trim() ?? '';
  if (subject !== '') writer.heading(1, subject);
  writer.block(headOf(fields));
  await writeText(fields, writer, leftOut);
  await writeAttachments(message, writer, leftOut, nested);
  const kind = fields.messageClass ?? '';
  if (!isMessage(kind))
    leftOut.remarks.push(`no message but an item of Outlook (${kind}), of which the usual fields are read`);
  const remarks = remarksOnMessage(leftOut);
  const { text, blocks } = writer.result();
  const [from, to, date] = [senderText(fields), recipientsText(fields, 'to'), sentAt(fields)];
  return {
    ...{ title: subject || name, text, blocks },
    metadata: { ...(from !== '' && { from }), ...(to !== '' && { to }), ...(date !== '' && { date }) },
    ...(remarks.length > 0 && { remarks }),
  };
}
