import { badInput } from '../../errors.ts';
import type { Document } from '../types.ts';
import { type Reader, readDocument, readValue } from './decode.ts';
import { setField } from './fields.ts';

/** Reads consecutive documents from concatenated BSON. */
export interface SequenceReader {
  /**
   * The next document, with only the wanted fields if any are given; of duplicate fields, the first.
   * @throws HydrogenError bad_input
   */
  next(wanted?: readonly WantedField[]): Document;
  /** The length of the next document in bytes, from its header. */
  peek(): number;
  /** Skips a number of bytes. */
  skip(bytes: number): void;
}

/** A top-level field of a document. */
export interface WantedField {
  readonly name: string;
  readonly utf8: Uint8Array;
}

export function wantedFields(names: readonly string[]): WantedField[] {
  return names.map((name) => ({ name, utf8: Buffer.from(name) }));
}

export function createSequenceReader(bson: Uint8Array): SequenceReader {
  const bytes = Buffer.from(bson.buffer, bson.byteOffset, bson.byteLength);
  const reader: Reader = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    at: 0,
  };
  const peek = (): number => reader.view.getInt32(reader.at, true);
  return {
    peek,
    skip(count) {
      reader.at += count;
    },
    next(wanted) {
      try {
        if (wanted === undefined) return readDocument(reader);
        const end = reader.at + peek();
        const document = readFields(reader, wanted);
        reader.at = end;
        return document;
      } catch (cause) {
        throw badInput('The bytes are not a valid BSON document.', { cause });
      }
    },
  };
}

function readFields(reader: Reader, wanted: readonly WantedField[]): Document {
  const { bytes } = reader;
  reader.at += 4;
  const document: Document = {};
  let missing = wanted.length;
  while (missing > 0) {
    const type = bytes[reader.at++];
    if (type === 0) break;
    const start = reader.at;
    let end = start;
    while (bytes[end]) end++;
    reader.at = end + 1;
    const name = nameOf(bytes, start, end, wanted);
    if (name === undefined) reader.at += valueLength(reader, type);
    else {
      setField(document, name, readValue(reader, type));
      missing--;
    }
  }
  return document;
}

function nameOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: readonly WantedField[],
): string | undefined {
  next: for (const { name, utf8 } of wanted) {
    if (utf8.length !== end - start) continue;
    for (let i = 0; i < utf8.length; i++) if (utf8[i] !== bytes[start + i]) continue next;
    return name;
  }
  return undefined;
}

/** The size in bytes of the value at the reader's position (https://bsonspec.org). */
function valueLength({ bytes, view, at }: Reader, type: number | undefined): number {
  switch (type) {
    case 2:
    case 13:
    case 14:
      return 4 + view.getInt32(at, true);
    case 3:
    case 4:
    case 15:
      return view.getInt32(at, true);
    case 1:
    case 9:
    case 17:
    case 18:
      return 8;
    case 16:
      return 4;
    case 8:
      return 1;
    case 7:
      return 12;
    case 19:
      return 16;
    case 5:
      return 5 + view.getInt32(at, true);
    case 11:
      return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
    case 12:
      return 4 + view.getInt32(at, true) + 12;
    case 6:
    case 10:
    case 127:
    case 255:
      return 0;
    default:
      throw new RangeError(`unknown BSON type ${type}`);
  }
}
