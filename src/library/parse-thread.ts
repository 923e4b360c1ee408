import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { chunkDocument } from './chunk.ts';
import { decodeText } from './decode.ts';
import { documentFormat } from './format.ts';
import { loaders } from './loaders/loaders.ts';
import { Unreadable } from './loaders/unreadable.ts';
import type { ParseReply, ParseRequest } from './parse-messages.ts';

// The entry point of the parse thread: reads, decodes, parses and chunks files, so that a large one does
// not hold up the main thread and a parser that does not end can be stopped.

const port = parentPort;
if (!port) throw new Error('The parse thread must be started as a worker.');

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
    if (stat.size > maxBytes) throw new Unreadable(tooLarge(stat.size, maxBytes));
    return readFileSync(descriptor);
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new Unopened(reasons[code] ?? `not readable (${code || 'unknown error'})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function tooLarge(size: number, maxBytes: number): string {
  const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
  return `too large (${megabytes(size)} MB; the limit is ${megabytes(maxBytes)} MB)`;
}

function parse({ number, id, name, type, content, hash: known }: ParseRequest): ParseReply {
  try {
    const bytes =
      'file' in content ? readBytes(content.file, content.maxBytes) : new TextEncoder().encode(content.text);
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash === known) return { number, unchanged: true };
    const { title, text, metadata, blocks } = loaders[type](decodeText(bytes), name);
    const chunks = chunkDocument(id, blocks);
    const document = {
      id,
      title,
      type,
      bytes: bytes.byteLength,
      text,
      metadata,
      hash,
      format: documentFormat,
      chunks,
    };
    return { number, document };
  } catch (error) {
    if (error instanceof Unopened) return { number, skipped: error.message, keep: true };
    if (error instanceof Unreadable) return { number, skipped: error.message, keep: false };
    return { number, skipped: 'could not be parsed', keep: false };
  }
}

port.on('message', (request: ParseRequest) => port.postMessage(parse(request)));
