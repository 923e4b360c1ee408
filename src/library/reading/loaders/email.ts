import { parse } from 'parse5';
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import { decoded, shownEncoding } from '../../../tables/encoding.ts';
import { maxAttachments, type UnreadAttachments, unreadRemark, writeAttachment } from './attachments.ts';
import { normalDate } from './dates.ts';
import { type LeftOutOfPage, nothingLeftOutOfPage, writeHtml } from './html-blocks.ts';
import { addLeftOut, pageRemarks } from './html-remarks.ts';
import { find } from './html-tree.ts';
import { type LoadedDocument, type NestedReader, Unreadable } from './loader.ts';
import { createWriter, type Writer } from './writer.ts';

/** Messages of a mailbox that are read. */
const maxMessages = 20_000;
/** A text part shorter than this only says that there is another one. */
const minText = 40;

const addressText = (address: Address): string => {
  if (address.group) return `${address.name}: ${address.group.map(addressText).join(', ')}`;
  const { name, address: at = '' } = address;
  return name === '' || name === at ? at : `${name} <${at}>`;
};

const addressesText = (addresses: readonly Address[] | undefined): string =>
  (addresses ?? []).map(addressText).join(', ');

/** A message that was saved in UTF-16 or with a byte order mark, as UTF-8: its headers are ASCII otherwise. */
function asSent(bytes: Uint8Array): Uint8Array {
  const encoding = shownEncoding(bytes);
  const text = encoding === undefined ? undefined : decoded(bytes, encoding);
  return text === undefined ? bytes : new TextEncoder().encode(text);
}

async function parsed(bytes: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(asSent(bytes), { maxNestingDepth: 50, maxRfc822NestingDepth: 5 });
  } catch {
    throw new Unreadable('damaged: not a valid message, or with parts nested too deeply');
  }
}

const subjectOf = ({ subject }: Email): string => subject?.replace(/\s+/g, ' ').trim() ?? '';

export function writeBody(
  { text = '', html = '' }: Pick<Email, 'text' | 'html'>,
  writer: Writer,
  { page }: Pick<LeftOutOfMessage, 'page'>,
): void {
  const body = text.trim().length < minText ? find(parse(html), 'body')[0] : undefined;
  if (body && html.trim() !== '') {
    addLeftOut(page, writeHtml(body, writer, body));
    return;
  }
  for (const paragraph of text.replace(/\r\n?/g, '\n').split(/\n[ \t]*\n/)) {
    writer.block(paragraph.split('\n').map((line) => line.trimEnd()));
  }
}

/** The endings of what a message may carry without a name, where they are not what the kind is called. */
const endings: ReadonlyMap<string, string> = new Map([
  ['message/rfc822', 'eml'],
  ['text/html', 'html'],
  ['text/csv', 'csv'],
  ['text/calendar', 'ics'],
  ['text/markdown', 'md'],
  ['text/rtf', 'rtf'],
  ['text', 'txt'],
]);

/** What of a message is not in its text. */
export interface LeftOutOfMessage extends UnreadAttachments {
  /** What its page does not show. */
  readonly page: LeftOutOfPage;
}

export const leftOutOfMessage = (): LeftOutOfMessage => ({
  ...{ unread: [], remarks: [], page: nothingLeftOutOfPage() },
});

async function writePart(
  { filename, content, mimeType, related }: Attachment,
  writer: Writer,
  level: number,
  leftOut: LeftOutOfMessage,
  nested: NestedReader | undefined,
): Promise<void> {
  const kind = mimeType.split('/')[1] ?? 'bin';
  // Reports on delivery, headers of a message and other text are parts without a name.
  const name =
    filename ?? `part.${endings.get(mimeType) ?? (/^(text|message)\//.test(mimeType) ? 'txt' : kind)}`;
  // What belongs to the layout of the message.
  if (related && mimeType.startsWith('image/')) return;
  const bytes = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
  await writeAttachment({ name, bytes }, writer, level, leftOut, nested);
}

async function writeMessage(
  email: Email,
  writer: Writer,
  level: number,
  leftOut: LeftOutOfMessage,
  nested: NestedReader | undefined,
): Promise<void> {
  const subject = subjectOf(email);
  if (subject !== '') writer.heading(level, subject);
  const head = [
    ['From', email.from ? addressText(email.from) : ''],
    ['To', addressesText(email.to)],
    ['Cc', addressesText(email.cc)],
    ['Date', email.date ?? ''],
  ].filter(([, value]) => value !== '');
  writer.block(head.map(([name, value]) => `${name}: ${value}`));
  writeBody(email, writer, leftOut);
  for (const attachment of email.attachments.slice(0, maxAttachments)) {
    await writePart(attachment, writer, level + 1, leftOut, nested);
  }
  const more = email.attachments.length - maxAttachments;
  if (more > 0) leftOut.unread.push(`${more} more`);
}

export function remarksOnMessage({ unread, page, remarks: others }: LeftOutOfMessage): string[] {
  return [...unreadRemark(unread, 'attachment', 'attachments'), ...others, ...pageRemarks(page)];
}

/** A message (EML) with its attachments, of which each that has a reader is a part of the text. */
export async function loadEmail(
  bytes: Uint8Array,
  name: string,
  nested?: NestedReader,
): Promise<LoadedDocument> {
  const email = await parsed(bytes);
  if (email.headers.length === 0) throw new Unreadable('not a message: it has no headers');
  const writer = createWriter();
  const leftOut = leftOutOfMessage();
  await writeMessage(email, writer, 1, leftOut, nested);
  const remarks = remarksOnMessage(leftOut);
  const { text, blocks } = writer.result();
  const date = email.date === undefined ? undefined : (normalDate(email.date) ?? email.date);
  return {
    ...{ title: subjectOf(email) || name, text, blocks },
    metadata: {
      ...(email.from && { from: addressText(email.from) }),
      ...(email.to && { to: addressesText(email.to) }),
      ...(date !== undefined && { date }),
    },
    ...(remarks.length > 0 && { remarks }),
  };
}

const lineBreak = 10;

/** The messages of a mailbox (RFC 4155): each begins with a line "From …" after an empty one. */
function* messagesIn(bytes: Uint8Array): Generator<Uint8Array> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const next = (from: number): number => {
    for (let at = buffer.indexOf('\nFrom ', from); at >= 0; at = buffer.indexOf('\nFrom ', at + 1)) {
      const before = buffer[at - 1] === 13 ? buffer[at - 2] : buffer[at - 1];
      if (before === lineBreak || at === 0) return at + 1;
    }
    return -1;
  };
  let start = buffer.subarray(0, 5).toString('latin1') === 'From ' ? 0 : next(0);
  while (start >= 0) {
    const end = next(start + 1);
    const head = buffer.indexOf(lineBreak, start) + 1;
    yield buffer.subarray(head, end < 0 ? buffer.length : end);
    start = end;
  }
}

/** A mailbox (mbox): each message under its subject. */
export async function loadMailbox(
  bytes: Uint8Array,
  name: string,
  nested?: NestedReader,
): Promise<LoadedDocument> {
  const writer = createWriter();
  const leftOut = leftOutOfMessage();
  let count = 0;
  let damaged = 0;
  for (const message of messagesIn(bytes)) {
    if (++count > maxMessages) continue;
    writer.closeHeadings();
    const email = await parsed(message).catch(() => undefined);
    if (email) await writeMessage(email, writer, 1, leftOut, nested);
    else damaged++;
  }
  if (count === 0) throw new Unreadable('not a mailbox: no line begins with "From "');
  if (damaged > 0) leftOut.remarks.push(`${damaged} of ${count} messages are damaged`);
  if (count > maxMessages) {
    leftOut.remarks.push(`${count - maxMessages} messages after the first ${maxMessages} are not read`);
  }
  const remarks = remarksOnMessage(leftOut);
  const { text, blocks } = writer.result();
  return { title: name, text, metadata: { messages: count }, blocks, ...(remarks.length > 0 && { remarks }) };
}
