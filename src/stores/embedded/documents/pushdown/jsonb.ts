// SQLite's binary JSON (https://sqlite.org/jsonb.html): an element is a header and a payload. The low half of the first
// byte is the type; the high half is the payload's size up to 11, or 12 to 14 when the size follows in 1, 2 or 4 bytes,
// big-endian, not necessarily the fewest possible.

/** Element types. `plainText` is written without escapes and needs none; `rawText` may need some. */
export const jsonb = { integer: 3, float: 5, plainText: 7, rawText: 10, array: 11, object: 12 } as const;

const PLAIN = /^[ !#-[\]-~]*$/;

/** Text that is the same in JSON and UTF-8: ASCII without quotes, backslashes and control characters. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

/** A growing buffer of JSONB. */
export interface JsonbSink {
  bytes: Buffer;
  length: number;
}

function reserve(sink: JsonbSink, more: number): void {
  if (sink.length + more <= sink.bytes.length) return;
  const larger = Buffer.allocUnsafe((sink.length + more) * 2);
  sink.bytes.copy(larger, 0, 0, sink.length);
  sink.bytes = larger;
}

function header(sink: JsonbSink, type: number, size: number): void {
  const { bytes } = sink;
  if (size <= 11) {
    bytes[sink.length++] = (size << 4) | type;
  } else if (size <= 0xff) {
    bytes[sink.length++] = (12 << 4) | type;
    bytes[sink.length++] = size;
  } else {
    bytes[sink.length++] = (14 << 4) | type;
    sink.length = bytes.writeUInt32BE(size, sink.length);
  }
}

/** Writes ASCII text, such as a number. */
export function writeAscii(sink: JsonbSink, type: number, text: string, first = ''): void {
  const size = first.length + text.length;
  reserve(sink, size + 5);
  header(sink, type, size);
  const { bytes } = sink;
  for (let i = 0; i < first.length; i++) bytes[sink.length++] = first.charCodeAt(i);
  for (let i = 0; i < text.length; i++) bytes[sink.length++] = text.charCodeAt(i);
}

/** Writes an arbitrary string prefixed with `first`, one ASCII letter. */
export function writeText(sink: JsonbSink, text: string, first = ''): void {
  if (isPlain(text)) {
    writeAscii(sink, jsonb.plainText, text, first);
    return;
  }
  const size = first.length + Buffer.byteLength(text);
  reserve(sink, size + 5);
  header(sink, jsonb.rawText, size);
  sink.length += sink.bytes.write(first + text, sink.length);
}

/** Writes bytes that are already JSONB. */
export function writeElement(sink: JsonbSink, element: Uint8Array): void {
  reserve(sink, element.length);
  sink.bytes.set(element, sink.length);
  sink.length += element.length;
}

/** Begins an array or object; `end` takes what this returns. */
export function begin(sink: JsonbSink, type: number): number {
  reserve(sink, 5);
  const start = sink.length;
  sink.bytes[start] = (14 << 4) | type;
  sink.length += 5;
  return start;
}

export function end(sink: JsonbSink, start: number): void {
  sink.bytes.writeUInt32BE(sink.length - start - 5, start + 1);
}
