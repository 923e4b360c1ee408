import { isUtf16, shownEncoding } from '../../tables/encoding.ts';
import { decodeText } from './decode.ts';
import type { DocumentType } from './formats.ts';
import { maxText, Unreadable } from './loaders/loader.ts';
import { hasMark, signatureOf, startsAsHtml } from './signatures.ts';

/** First bytes of a file, which tell what no reader takes. */
export const startBytes = 4_096;

/** ZIP, and Microsoft's compound files. */
const containers = ['PK', '\u00d0\u00cf\u0011\u00e0'];

const refused = (content: string): Unreadable =>
  new Unreadable(`not a supported file type: its content is ${content}`);

/** PEM (RFC 7468) and OpenPGP (RFC 9580) in letters; a signed message is text. */
const armoured = /^\s*-----BEGIN (?!PGP SIGNED MESSAGE)[A-Z0-9 ]+-----|PRIVATE KEY( BLOCK)?-----/;

/** Fields that nearly every message has among its first ones (RFC 5322). */
const mailField =
  /^(from|to|subject|date|message-id|received|return-path|reply-to|delivered-to|mime-version|content-type):/i;

/** Whether a text begins with the header of a message: nothing but fields, at least two of them of mail. */
function startsAsMail(text: string): boolean {
  const [header = ''] = text.split(/\r?\n\r?\n/, 1);
  const lines = header.split(/\r?\n/);
  // The last line of a long header may be cut.
  if (header.length === startBytes) lines.pop();
  return (
    lines.every((line) => /^([\w-]+:|[ \t]+\S)/.test(line)) &&
    lines.filter((line) => mailField.test(line)).length > 1
  );
}

/** The line with which a message in a mailbox begins (RFC 4155), and the header after it. */
function startsAsMailbox(text: string): boolean {
  const [, rest] = /^From \S.*\d\d:\d\d.*\r?\n([\s\S]*)/.exec(text) ?? [];
  return rest !== undefined && startsAsMail(rest);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

function jsonType(bytes: Uint8Array): DocumentType | undefined {
  if (bytes.length > 2 * maxText) return undefined;
  const { text } = decodeText(bytes);
  const whole = parsed(text);
  if (isContainer(whole)) return 'nbformat' in whole && 'cells' in whole ? 'notebook' : 'json';
  const lines = text.split('\n', 3).filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => isContainer(parsed(line))) ? 'jsonl' : undefined;
}

function textType(text: string, bytes: Uint8Array): DocumentType {
  if (startsAsHtml(text)) return 'html';
  if (startsAsMailbox(text)) return 'mailbox';
  if (startsAsMail(text)) return 'email';
  if (/^#!|^\s*<\?xml\b/.test(text)) return 'code';
  // Front matter, as pages of Markdown have it.
  if (/^---\r?\n\w[\w-]*:[\s\S]*?\n---\r?\n/.test(text)) return 'markdown';
  return (/^\s*[[{]/.test(text) && jsonType(bytes)) || 'text';
}

/**
 * The type of a file whose name does not tell it. Of text, only what cannot be taken for something else is more than
 * text.
 * @throws Unreadable for content that no loader reads, and for keys
 */
export async function untypedContent(bytes: Uint8Array): Promise<DocumentType> {
  const start = bytes.subarray(0, startBytes);
  // The mark of UTF-16 is a signature of sound too.
  if (!isUtf16(start) && (start.includes(0) || hasMark(start))) {
    const found = await signatureOf(bytes);
    if (found?.type !== undefined) return found.type;
    if (found !== undefined && !found.mime.startsWith('text/')) throw refused(found.mime);
    if (start.includes(0)) throw refused('binary');
  }
  const text = new TextDecoder(shownEncoding(start) ?? 'latin1').decode(start);
  if (armoured.test(text)) throw refused('keys or certificates');
  return textType(text, bytes);
}

/**
 * Refuses a file by its first bytes, before the rest is read: a folder may hold many, and none is remembered.
 * @throws Unreadable as `untypedContent`
 */
export async function refuseByStart(start: Uint8Array): Promise<void> {
  // What is in an archive, or in a container of Outlook and of old Office files, tells the rest.
  const isContainer = containers.some((mark) => Buffer.from(start).indexOf(mark, 0, 'latin1') === 0);
  if (!isContainer) await untypedContent(start);
}
