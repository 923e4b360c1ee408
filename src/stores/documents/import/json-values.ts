import { badInput, HydrogenError } from '../../../errors.ts';

/** Text of one document: canonical Extended JSON is several times as long as its BSON of at most 16 MiB. */
const maxValueBytes = 128 * 2 ** 20;

const quote = 0x22;
const comma = 0x2c;
const openArray = 0x5b;
const backslash = 0x5c;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Collects the bytes of a value that lies over several chunks. */
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

/** Lines without their ends; the last one may have none. */
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

/**
 * Cuts JSON text into documents without reading it whole: the items of one array, or objects one behind the
 * other. Only brackets and strings are looked at; whether an item is valid is for its parser to say.
 * @throws HydrogenError `bad_input` for text that is neither.
 */
export async function* jsonValuesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { add, take } = collector();
  let form: 'unknown' | 'array' | 'objects' | 'ended' = 'unknown';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let begun = false;
  let items = 0;
  let first = true;
  for await (const whole of chunks) {
    const chunk = first && whole.subarray(0, 3).equals(Buffer.from('\uFEFF')) ? whole.subarray(3) : whole;
    first = false;
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
        continue;
      }
      if (!begun) {
        if (isSpace(byte)) continue;
        if (form === 'ended') throw badInput('The file is not valid JSON: something follows its array.');
        if (form === 'unknown') {
          form = byte === openArray ? 'array' : 'objects';
          if (form === 'array') continue;
        }
        if (form === 'objects' && byte !== openObject) {
          throw badInput('The file is not valid JSON documents: an array of objects, or objects alone.');
        }
        if (byte === closeArray && items === 0) {
          form = 'ended';
          continue;
        }
        begun = true;
        from = i;
      }
      if (byte === quote) inString = true;
      else if (byte === openObject || byte === openArray) depth++;
      else if (depth > 0 && (byte === closeObject || byte === closeArray)) {
        depth--;
        if (depth > 0 || form !== 'objects') continue;
        items++;
        begun = false;
        yield take(chunk.subarray(from, i + 1));
      } else if (depth === 0 && (byte === comma || byte === closeArray)) {
        items++;
        begun = false;
        yield take(chunk.subarray(from, i));
        if (byte === closeArray) form = 'ended';
      }
    }
    if (begun) add(chunk.subarray(from));
  }
  if (begun || form === 'array') {
    const place = form === 'array' ? 'its array' : 'a document';
    throw badInput(`The file is not valid JSON: it ends inside ${place}, after ${items} whole ones.`);
  }
}
