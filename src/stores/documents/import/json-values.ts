import { badInput, HydrogenError } from '../../../errors.ts';

/** Text of one document: canonical Extended JSON is several times as long as its BSON, which is at most 16 MiB. */
const maxValueBytes = 128 * 2 ** 20;

const quote = 0x22;
const comma = 0x2c;
const openArray = 0x5b;
const backslash = 0x5c;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

export const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Collects the bytes of a value that spans several chunks. */
function collector(): { add(chunk: Buffer): void; take(last: Buffer): Buffer } {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    add(chunk) {
      bytes += chunk.length;
      if (bytes > maxValueBytes) {
        throw new HydrogenError('too_large', `One document is longer than ${maxValueBytes / 2 ** 20} MiB.`);
      }
      parts.push(chunk);
    },
    take(last) {
      if (parts.length === 0) return last;
      const whole = Buffer.concat([...parts, last]);
      parts = [];
      bytes = 0;
      return whole;
    },
  };
}

/** Lines without their endings; the last one may have none. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { add, take } = collector();
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      yield take(chunk.subarray(from, end));
      from = end + 1;
    }
    add(chunk.subarray(from));
  }
  yield take(Buffer.alloc(0));
}

/** How far JSON text has been read. */
interface Scan {
  form: 'unknown' | 'array' | 'objects' | 'ended';
  /** A document has begun but not ended. */
  begun: boolean;
  /** Its open brackets. */
  depth: number;
  inString: boolean;
  /** After a backslash in a string. */
  escaped: boolean;
  /** Documents that have ended. */
  items: number;
  /** What follows the array is of no interest. */
  readonly ignoresTail: boolean;
}

function afterArray({ ignoresTail }: Scan, chunk: Buffer): number {
  if (ignoresTail) return chunk.length;
  throw badInput('The file is not valid JSON: something follows its array.');
}

/** @returns the index of the byte that begins a document, or the end of the chunk */
function findBegin(scan: Scan, chunk: Buffer, from: number): number {
  for (let i = from; i < chunk.length; i++) {
    const byte = chunk[i] as number;
    if (isSpace(byte)) continue;
    if (scan.form === 'ended') return afterArray(scan, chunk);
    if (scan.form === 'unknown') {
      scan.form = byte === openArray ? 'array' : 'objects';
      if (scan.form === 'array') continue;
    }
    if (scan.form === 'objects' && byte !== openObject) {
      throw badInput('The file is not valid JSON documents: an array of objects, or objects alone.');
    }
    if (byte === closeArray && scan.items === 0) scan.form = 'ended';
    else {
      scan.begun = true;
      return i;
    }
  }
  return chunk.length;
}

/** @returns the index after a string, or the end of the chunk */
function skipString(scan: Scan, chunk: Buffer, from: number): number {
  for (let i = from; i < chunk.length; i++) {
    const byte = chunk[i] as number;
    if (scan.escaped) scan.escaped = false;
    else if (byte === backslash) scan.escaped = true;
    else if (byte === quote) {
      scan.inString = false;
      return i + 1;
    }
  }
  return chunk.length;
}

/** Whether a document ends at a byte outside its strings. */
function endsAt(scan: Scan, byte: number): boolean {
  if (byte === openObject || byte === openArray) scan.depth++;
  else if (scan.depth > 0 && (byte === closeObject || byte === closeArray)) {
    scan.depth--;
    return scan.depth === 0 && scan.form === 'objects';
  } else if (scan.depth === 0 && (byte === comma || byte === closeArray)) {
    if (byte === closeArray) scan.form = 'ended';
    return true;
  }
  return false;
}

/** @returns the index after the byte that ends a document; -1 if it continues in the next chunk */
function findEnd(scan: Scan, chunk: Buffer, from: number): number {
  let i = from;
  while (i < chunk.length) {
    if (scan.inString) {
      i = skipString(scan, chunk, i);
      continue;
    }
    const byte = chunk[i++] as number;
    if (byte === quote) scan.inString = true;
    else if (endsAt(scan, byte)) {
      scan.items++;
      scan.begun = false;
      return i;
    }
  }
  return -1;
}

/**
 * Splits JSON text into documents without reading it all at once: the items of one array, or consecutive objects. Only
 * brackets and strings are examined; validating an item is up to its parser.
 * @param options.ignoresTail what follows the array is of no interest
 * @throws HydrogenError `bad_input` for text that is neither.
 */
export async function* jsonValuesOf(
  chunks: AsyncIterable<Buffer>,
  { ignoresTail = false } = {},
): AsyncGenerator<Buffer> {
  const { add, take } = collector();
  const scan: Scan = {
    ...{ form: 'unknown', begun: false, depth: 0, inString: false, escaped: false, items: 0 },
    ignoresTail,
  };
  for await (const chunk of withoutMark(chunks)) {
    let from = 0;
    for (let at = 0; at >= 0 && at < chunk.length; ) {
      if (!scan.begun) from = findBegin(scan, chunk, at);
      if (!scan.begun) break;
      at = findEnd(scan, chunk, Math.max(from, at));
      // Separators between array items are not part of them.
      if (at >= 0) yield take(chunk.subarray(from, scan.form === 'objects' ? at : at - 1));
    }
    if (scan.begun) add(chunk.subarray(from));
  }
  assertWhole(scan);
}

/** Chunks, with the byte order mark removed from the first. */
export async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const hasMark = isFirst && chunk.subarray(0, 3).equals(Buffer.from('\uFEFF'));
    yield hasMark ? chunk.subarray(3) : chunk;
    isFirst = false;
  }
}

function assertWhole({ form, begun, items }: Scan): void {
  if (!begun && form !== 'array') return;
  const place = form === 'array' ? 'its array' : 'a document';
  const whole = items === 1 ? '1 complete document' : `${items.toLocaleString('en')} complete documents`;
  throw badInput(`The file is not valid JSON: it ends inside ${place}, after ${whole}.`);
}
