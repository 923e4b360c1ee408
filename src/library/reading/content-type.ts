import { isWide } from './decode.ts';
import { Unreadable } from './loaders/loader.ts';
import { type DocumentType, typeNames } from './loaders/types.ts';

/** The types whose files begin with something of their own. */
const signed = new Map<string, DocumentType>([
  ['pdf', 'pdf'],
  ['docx', 'docx'],
  ['docm', 'docx'],
  ['dotx', 'docx'],
  ['pptx', 'pptx'],
  ['pptm', 'pptx'],
  ['ppsx', 'pptx'],
  ['xlsx', 'xlsx'],
  ['xlsm', 'xlsx'],
  ['epub', 'epub'],
]);
const archives: ReadonlySet<DocumentType> = new Set(['docx', 'pptx', 'xlsx', 'epub']);

export interface ContentType {
  readonly type: DocumentType;
  /** What the file is, when its name says something else. */
  readonly remark?: string;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text;
}

/** Whether text may be something else: most files are what their names say, and need no closer look. */
function isOdd(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 1_024);
  if (isWide(bytes)) return false;
  return (
    start.includes(0) || ['%PDF-', 'PK\u0003\u0004', '{\\rtf', '%!PS'].some((mark) => startsWith(bytes, mark))
  );
}

function looksLikeHtml(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  return /^\W*<(!doctype html|html|head|body)\b/i.test(start);
}

function named(type: DocumentType, remark: string): ContentType {
  return { type, remark: `${remark}; it was read as that` };
}

/** What a file is whose name promises a signature that its content does not have. */
function withoutSignature(bytes: Uint8Array, type: DocumentType): ContentType {
  const start = bytes.subarray(0, 1_024);
  // A PDF may have a few bytes of something else before it; pages of errors are saved under any name.
  if (type === 'pdf' && Buffer.from(start).includes('%PDF-')) return { type };
  if (start.includes(0)) throw new Unreadable(`not a ${typeNames[type]} (its content is of no known kind)`);
  return looksLikeHtml(bytes)
    ? named('html', `its content is HTML, not ${typeNames[type]}`)
    : named('text', `its content is text, not ${typeNames[type]}`);
}

/**
 * What a file is by its content, which counts where its name says something else.
 * @throws Unreadable for content that no loader reads
 */
export async function contentType(bytes: Uint8Array, type: DocumentType): Promise<ContentType> {
  const isSigned = type === 'pdf' || archives.has(type);
  if (bytes.length === 0) {
    if (isSigned) throw new Unreadable('empty');
    return { type };
  }
  if (type === 'pdf' && startsWith(bytes, '%PDF-')) return { type };
  if (!isSigned && !isOdd(bytes)) return { type };
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined);
  if (found === undefined) return isSigned ? withoutSignature(bytes, type) : { type };
  if (found.ext === 'zip' && archives.has(type)) return { type };
  const actual = signed.get(found.ext);
  if (actual === type) return { type };
  if (actual !== undefined)
    return named(actual, `its content is ${typeNames[actual]}, not ${typeNames[type]}`);
  if (found.ext === 'cfb') {
    throw new Unreadable(
      'an Office file that is encrypted or of the format before 2007: save it without a password as .docx, .xlsx or .pptx',
    );
  }
  if (!isSigned && found.mime.startsWith('text/')) return { type };
  throw new Unreadable(`not text: its content is ${found.mime}`);
}
