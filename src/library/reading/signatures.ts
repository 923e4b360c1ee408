import { type DocumentType, documentTypes, formats } from './formats.ts';
import { Unreadable } from './loaders/loader.ts';

/** Types by the names that the package `file-type` has for them. */
const signed = new Map(
  documentTypes.flatMap((type) => {
    const format = formats[type];
    return format.reads === 'bytes' ? format.signatures.map((name) => [name, type] as const) : [];
  }),
);

/** Prefixes of files that are not text: formats with a mark, archives, RTF and PostScript. */
const marks = [
  ...Object.values(formats).flatMap((format) => ('mark' in format ? [format.mark] : [])),
  'PK\u0003\u0004',
  '%!PS',
];

export function startsWith(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text;
}

export const hasMark = (bytes: Uint8Array): boolean => marks.some((mark) => startsWith(bytes, mark));

/** Whether a text begins as HTML does, or XHTML. */
export const startsAsHtml = (text: string): boolean =>
  /^(\s*<\?xml[^>]*>)?\W*<(!doctype html|html|head|body)\b/i.test(text.slice(0, 512));

/** A stream that every message of Outlook has, as the directory of its container names it ([MS-OXMSG] 2.4). */
const outlookStream = Buffer.from('__properties_version1.0', 'utf16le');

export interface Signature {
  /** The ending that files of this content have. */
  readonly ending: string;
  readonly mime: string;
  /** The format, if it is one that is read. */
  readonly type: DocumentType | undefined;
}

/**
 * What a binary file is by its signature. Not for text: a few letters are signatures too, such as "BM".
 * @throws Unreadable for the container of old Office files
 */
export async function signatureOf(bytes: Uint8Array): Promise<Signature | undefined> {
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (found?.ext === 'cfb') {
    if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(outlookStream)) {
      return { ending: 'msg', mime: 'application/vnd.ms-outlook', type: signed.get('msg') };
    }
    throw new Unreadable(
      'an Office file that is encrypted or in the pre-2007 format: save it without a password as .docx, .xlsx or .pptx',
    );
  }
  return found && { ending: found.ext, mime: found.mime, type: signed.get(found.ext) };
}
