import { isUtf16 } from '../../tables/encoding.ts';
import { type DocumentType, documentTypes, formats } from './formats.ts';
import { Unreadable } from './loaders/loader.ts';
import { isFlatOpenDocument } from './loaders/open-document/is-flat.ts';

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

export interface ContentType {
  readonly type: DocumentType;
  /** What the file is, when its name is misleading. */
  readonly remark?: string;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text;
}

/** Whether a supposed text file needs closer inspection; most are what their names say. */
function isOdd(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 1_024);
  if (isUtf16(bytes)) return false;
  return start.includes(0) || marks.some((mark) => startsWith(bytes, mark));
}

function looksLikeHtml(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  return /^\W*<(!doctype html|html|head|body)\b/i.test(start);
}

function named(type: DocumentType, remark: string): ContentType {
  return { type, remark: `${remark}; read as such` };
}

/** The type of a file that lacks the signature its name implies. */
function withoutSignature(bytes: Uint8Array, type: DocumentType, mark: string | undefined): ContentType {
  const start = bytes.subarray(0, 1_024);
  // A PDF may have a few bytes of junk before it; HTML error pages get saved under any name.
  if (mark !== undefined && Buffer.from(start).includes(mark)) return { type };
  if (start.includes(0)) throw new Unreadable(`not a ${formats[type].label} (unrecognised content)`);
  return looksLikeHtml(bytes)
    ? named('html', `its content is HTML, not ${formats[type].label}`)
    : named('text', `its content is text, not ${formats[type].label}`);
}

/** Whether a file is what its name says, by no sign of its own: mail is text, OpenDocument may be one XML file. */
function isWithoutSign(bytes: Uint8Array, type: DocumentType): boolean {
  const format = formats[type];
  if (/^od[tps]$/.test(type) && isFlatOpenDocument(bytes)) return true;
  return format.reads === 'bytes' && format.signatures.length === 0 && bytes.length > 0;
}

/**
 * A file's type by its content, which overrides its name.
 * @throws Unreadable for content that no loader reads
 */
export async function contentType(bytes: Uint8Array, type: DocumentType): Promise<ContentType> {
  const format = formats[type];
  const isSigned = format.reads === 'bytes';
  const mark = isSigned ? format.mark : undefined;
  if (isWithoutSign(bytes, type)) return { type };
  if (bytes.length === 0) {
    if (isSigned) throw new Unreadable('empty');
    return { type };
  }
  if (mark !== undefined && startsWith(bytes, mark)) return { type };
  if (!isSigned && !isOdd(bytes)) return { type };
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (found === undefined) return isSigned ? withoutSignature(bytes, type, mark) : { type };
  // An archive that `file-type` cannot tell apart: its loader knows better.
  if (found.ext === 'zip' && isSigned && mark === undefined) return { type };
  const actual = signed.get(found.ext);
  if (actual === type) return { type };
  if (actual !== undefined)
    return named(actual, `its content is ${formats[actual].label}, not ${formats[type].label}`);
  if (found.ext === 'cfb') {
    throw new Unreadable(
      'an Office file that is encrypted or in the pre-2007 format: save it without a password as .docx, .xlsx or .pptx',
    );
  }
  if (!isSigned && found.mime.startsWith('text/')) return { type };
  throw new Unreadable(`not text: its content is ${found.mime}`);
}
