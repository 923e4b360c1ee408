import { createHash } from 'node:crypto';
import { fileTrouble } from '../../file-errors.ts';
import { type FileId, isSame, type OpenFile, openFile, readAll } from '../../policy/safe-open.ts';
import { chunkDocument, documentFormat } from './chunk.ts';
import { contentType } from './content-type.ts';
import { decodeText } from './decode.ts';
import { formats } from './formats.ts';
import { type LoadedDocument, maxText, megabytes, tooMuchText, Unreadable } from './loaders/loader.ts';
import type { FileContent, ParseReply, ParseRequest } from './parse-messages.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'not readable: permission denied',
  EPERM: 'not readable: permission denied',
  ENOENT: 'removed while being read',
  ENOTDIR: 'removed while being read',
  ERR_LINK: 'replaced by a link while being read',
  ERR_REPLACED: 'it or a parent folder was replaced while being read',
  EBUSY: 'not readable: in use by another program',
};

/** A file that cannot be read at the moment. */
class Unopened extends Error {}

/** A replaced file is fine, since programs save that way; a hard link to another file is not. */
function isAsSeen({ stat }: OpenFile, seen: FileId | undefined): boolean {
  return seen === undefined || isSame(stat, seen) || stat.nlink === 1n;
}

async function readBytes({ file: path, maxBytes, seen }: FileContent): Promise<Uint8Array> {
  let size = 0n;
  try {
    const file = await openFile(path);
    size = file.stat.size;
    try {
      if (!isAsSeen(file, seen)) throw new Unopened(reasons['ERR_REPLACED']);
      return await readAll(file, maxBytes);
    } finally {
      await file.handle.close();
    }
  } catch (error) {
    if (error instanceof Unopened) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ERR_NO_FILE') throw new Unreadable('not a regular file');
    if (code === 'ERR_TOO_LARGE') {
      throw new Unreadable(`too large (${megabytes(Number(size))}; the limit is ${megabytes(maxBytes)})`);
    }
    throw new Unopened(
      reasons[code] ?? `not readable: ${fileTrouble(error)?.reason ?? (code || 'unknown error')}`,
    );
  }
}

interface Loaded {
  readonly type: ParseRequest['type'];
  readonly loaded: LoadedDocument;
  readonly remark?: string;
}

async function load(bytes: Uint8Array, { type: expected, name }: ParseRequest): Promise<Loaded> {
  const { type, remark } = await contentType(bytes, expected);
  const format = formats[type];
  if (format.reads === 'bytes') {
    const loadBytes = await format.loader();
    const loaded = await loadBytes(bytes, name);
    if (loaded.text.trim() === '') throw new Unreadable('contains no text');
    return { type, loaded, ...(remark !== undefined && { remark }) };
  }
  // A character takes at least one byte, or two in UTF-16.
  if (bytes.length > maxText * 2) throw new Unreadable(tooMuchText(bytes.length));
  const { text, guessed, damaged } = decodeText(bytes);
  if (text.length > maxText) throw new Unreadable(tooMuchText(text.length));
  const loadText = await format.loader();
  const loaded = loadText(text, name);
  const remarks = [
    remark,
    guessed && `encoding guessed: ${guessed}`,
    damaged && `some of its UTF-8 is damaged (${damaged.toLocaleString('en')} bytes, shown as �)`,
    loaded.remark,
  ].filter((text) => text !== undefined);
  return {
    type,
    loaded,
    ...(remarks.length > 0 && { remark: remarks.join('; ') }),
  };
}

/** Reads, decodes, parses and chunks one file or text. Never throws: the reply says why there is no document. */
export async function parseDocument(request: ParseRequest): Promise<ParseReply> {
  const { id, content, hash: known } = request;
  try {
    const bytes = 'file' in content ? await readBytes(content) : new TextEncoder().encode(content.text);
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash === known) return { unchanged: true };
    const { type, loaded, remark } = await load(bytes, request);
    const { title, text, metadata, blocks } = loaded;
    const document = {
      ...{ id, title, type, bytes: bytes.byteLength, text, metadata, hash, format: documentFormat },
      chunks: chunkDocument(id, blocks),
    };
    return { document, ...(remark !== undefined && { remark }) };
  } catch (error) {
    if (error instanceof Unopened) return { skipped: error.message, keep: true };
    if (error instanceof Unreadable) return { skipped: error.message, keep: false };
    const tooDeep = error instanceof RangeError;
    return { skipped: tooDeep ? 'nested too deeply' : 'could not be parsed', keep: false };
  }
}
