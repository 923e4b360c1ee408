import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { fileTrouble } from '../file-errors.ts';
import { chunkDocument } from './chunk.ts';
import { contentType } from './content-type.ts';
import { decodeText } from './decode.ts';
import { documentFormat } from './format.ts';
import type { LoadedDocument } from './loaders/blocks.ts';
import { megabytes, mostText, tooMuchText } from './loaders/limits.ts';
import { loaders } from './loaders/loaders.ts';
import { Unreadable } from './loaders/unreadable.ts';
import type { ParseReply, ParseRequest } from './parse-messages.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'not readable: permission denied',
  EPERM: 'not readable: permission denied',
  ENOENT: 'gone while it was being read',
  EBUSY: 'not readable: in use by another program',
};

/** A file that cannot be read now. */
class Unopened extends Error {}

function readBytes(file: string, maxBytes: number): Uint8Array {
  let descriptor: number | undefined;
  try {
    // Not blocking: a pipe that has taken the file's place since must not be waited for.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Unreadable('not a regular file');
    if (stat.size > maxBytes) {
      throw new Unreadable(`too large (${megabytes(stat.size)}; the limit is ${megabytes(maxBytes)})`);
    }
    return readFileSync(descriptor);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new Unopened(
      reasons[code] ?? `not readable: ${fileTrouble(error)?.reason ?? (code || 'unknown error')}`,
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

interface Loaded {
  readonly type: ParseRequest['type'];
  readonly loaded: LoadedDocument;
  readonly remark?: string;
}

async function load(bytes: Uint8Array, { type: expected, name }: ParseRequest): Promise<Loaded> {
  const { type, remark } = await contentType(bytes, expected);
  const loader = await loaders[type]();
  if (loader.reads === 'bytes') {
    const loaded = await loader.load(bytes, name);
    if (loaded.text.trim() === '') throw new Unreadable('there is no text in it');
    return { type, loaded, ...(remark !== undefined && { remark }) };
  }
  // A character takes at least a byte, and in UTF-16 two.
  if (bytes.length > mostText * 2) throw new Unreadable(tooMuchText(bytes.length));
  const { text, guessed } = decodeText(bytes);
  if (text.length > mostText) throw new Unreadable(tooMuchText(text.length));
  const loaded = loader.load(text, name);
  const remarks = [remark, guessed && `its encoding was guessed: ${guessed}`, loaded.remark].filter(
    (one) => one !== undefined,
  );
  return {
    type,
    loaded,
    ...(remarks.length > 0 && { remark: remarks.join('; ') }),
  };
}

/** Reads, decodes, parses and chunks one file or text. Never throws: a reply says why there is no document. */
export async function parseDocument(request: ParseRequest): Promise<ParseReply> {
  const { number, id, content, hash: known } = request;
  try {
    const bytes =
      'file' in content ? readBytes(content.file, content.maxBytes) : new TextEncoder().encode(content.text);
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash === known) return { number, unchanged: true };
    const { type, loaded, remark } = await load(bytes, request);
    const { title, text, metadata, blocks } = loaded;
    const document = {
      ...{ id, title, type, bytes: bytes.byteLength, text, metadata, hash, format: documentFormat },
      chunks: chunkDocument(id, blocks),
    };
    return { number, document, ...(remark !== undefined && { remark }) };
  } catch (error) {
    if (error instanceof Unopened) return { number, skipped: error.message, keep: true };
    if (error instanceof Unreadable) return { number, skipped: error.message, keep: false };
    const tooDeep = error instanceof RangeError;
    return { number, skipped: tooDeep ? 'nested too deeply' : 'could not be parsed', keep: false };
  }
}
