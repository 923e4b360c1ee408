import { isUtf16 } from '../../tables/encoding.ts';
import { type DocumentType, formats } from './formats.ts';
import { Unreadable } from './loaders/loader.ts';
import { isFlatOpenDocument } from './loaders/open-document/is-flat.ts';
import { hasMark, signatureOf, startsAsHtml, startsWith } from './signatures.ts';

export interface ContentType {
  readonly type: DocumentType;
  /** What the file is, when its name is misleading. */
  readonly remark?: string;
}

/** Whether a supposed text file needs closer inspection; most are what their names say. */
function isOdd(bytes: Uint8Array): boolean {
  if (isUtf16(bytes)) return false;
  return bytes.subarray(0, 1_024).includes(0) || hasMark(bytes);
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
  return startsAsHtml(new TextDecoder('latin1').decode(start))
    ? named('html', `its content is HTML, not ${formats[type].label}`)
    : named('text', `its content is text, not ${formats[type].label}`);
}

/**
 * A file's type by its content, which overrides what its name says.
 * @throws Unreadable for content that no loader reads
 */
export async function contentType(bytes: Uint8Array, type: DocumentType): Promise<ContentType> {
  const format = formats[type];
  if (bytes.length === 0) {
    if (format.reads === 'bytes') throw new Unreadable('empty');
    return { type };
  }
  const mark = format.reads === 'bytes' ? format.mark : undefined;
  if (mark !== undefined && startsWith(bytes, mark)) return { type };
  if (/^od[tps]$/.test(type) && isFlatOpenDocument(bytes)) return { type };
  // Mail is read as bytes, but is text: it has no signature.
  const isSigned = format.reads === 'bytes' && format.signatures.length > 0;
  if (!isSigned && !isOdd(bytes)) return { type };
  const found = await signatureOf(bytes);
  if (found === undefined) return isSigned ? withoutSignature(bytes, type, mark) : { type };
  // An archive that `file-type` cannot tell apart: its loader knows better.
  if (found.ending === 'zip' && isSigned && mark === undefined) return { type };
  if (found.type === type) return { type };
  if (found.type !== undefined) {
    return named(found.type, `its content is ${formats[found.type].label}, not ${formats[type].label}`);
  }
  if (!isSigned && found.mime.startsWith('text/')) return { type };
  throw new Unreadable(`not text: its content is ${found.mime}`);
}
