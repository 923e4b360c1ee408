import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { badInput, HydrogenError, notSupported } from '../../errors.ts';
import type { Document } from '../types.ts';
import { setField } from './fields.ts';

/** The read position; one object per document, so that positions need no allocation. */
export interface Reader {
  readonly bytes: Buffer;
  readonly view: DataView;
  at: number;
}

const KEY_SLOTS = 2048;
/** Field names seen before, by a hash of their bytes, so that a repeated name needs no new string. */
const knownKeys: (string | undefined)[] = new Array(KEY_SLOTS).fill(undefined);

/**
 * Reads one BSON document without loss: int32 and fractional doubles become numbers, integral doubles of
 * int32 range `Double`, int64 `Long`, regular expressions `BSONRegExp`. The deprecated type "undefined"
 * becomes null.
 * @throws HydrogenError bad_input if the bytes are not a BSON document, not_supported for a date that
 * JavaScript cannot represent
 */
export function decode(bson: Uint8Array): Document {
  const bytes = Buffer.from(bson.buffer, bson.byteOffset, bson.byteLength);
  const reader = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  try {
    if (reader.view.getInt32(0, true) !== bytes.length) throw new RangeError('the length does not match');
    return readDocument(reader);
  } catch (cause) {
    if (cause instanceof HydrogenError) throw cause;
    throw badInput('The bytes are not a valid BSON document.', { cause });
  }
}

/** Reads the document at the reader's position. */
export function readDocument(reader: Reader): Document {
  const { bytes } = reader;
  reader.at += 4;
  const doc: Document = {};
  for (;;) {
    const type = bytes[reader.at++];
    if (type === 0) return doc;
    const name = readName(reader);
    const value = readValue(reader, type);
    if (name === '__proto__') setField(doc, name, value);
    else doc[name] = value;
  }
}

function readArray(reader: Reader): unknown[] {
  const { bytes } = reader;
  reader.at += 4;
  const items: unknown[] = [];
  for (;;) {
    const type = bytes[reader.at++];
    if (type === 0) return items;
    while (bytes[reader.at++]);
    items.push(readValue(reader, type));
  }
}

function readName(reader: Reader): string {
  const { bytes } = reader;
  const start = reader.at;
  let end = start;
  let hash = 0;
  // Reading beyond the end gives undefined, which ends the loop like the terminator.
  for (let unit = bytes[end]; unit; unit = bytes[++end]) hash = (hash * 31 + unit) | 0;
  reader.at = end + 1;
  if (end >= bytes.length) throw new RangeError('unterminated name');
  const slot = hash & (KEY_SLOTS - 1);
  const known = knownKeys[slot];
  if (known !== undefined && sameAscii(known, bytes, start, end)) return known;
  const name = bytes.toString('utf8', start, end);
  if (name.length === end - start) knownKeys[slot] = name;
  return name;
}

function sameAscii(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function readText(reader: Reader): string {
  const size = reader.view.getInt32(reader.at, true);
  const start = reader.at + 4;
  const end = start + size - 1;
  reader.at = end + 1;
  if (size < 1 || end >= reader.bytes.length) throw new RangeError('bad string length');
  // Most strings are short ASCII, for which a loop beats a call into the engine.
  if (size > 24) return reader.bytes.toString('utf8', start, end);
  let text = '';
  for (let i = start; i < end; i++) {
    const unit = reader.bytes[i] as number;
    if (unit > 127) return reader.bytes.toString('utf8', start, end);
    text += String.fromCharCode(unit);
  }
  return text;
}

function readDouble(reader: Reader): unknown {
  const value = reader.view.getFloat64(reader.at, true);
  reader.at += 8;
  return (value | 0) === value && !Object.is(value, -0) ? new Double(value) : value;
}

/** BSON dates are 64-bit; one that JavaScript cannot represent would silently become another. */
function readDate(reader: Reader): Date {
  const { view, at } = reader;
  reader.at += 8;
  const date = new Date(view.getInt32(at + 4, true) * 4294967296 + view.getUint32(at, true));
  if (Number.isNaN(date.getTime())) throw notSupported('A date beyond the years -271821 to 275760');
  return date;
}

function readLong(reader: Reader): Long {
  const { view, at } = reader;
  reader.at += 8;
  return new Long(view.getInt32(at, true), view.getInt32(at + 4, true));
}

function take(reader: Reader, length: number): Uint8Array {
  const start = reader.at;
  reader.at += length;
  if (length < 0 || reader.at > reader.bytes.length) throw new RangeError('value beyond the end');
  return Uint8Array.prototype.slice.call(reader.bytes, start, reader.at);
}

function readBinary(reader: Reader): Binary {
  let length = reader.view.getInt32(reader.at, true);
  const subtype = reader.bytes[reader.at + 4] as number;
  reader.at += 5;
  if (subtype === 2) {
    length = reader.view.getInt32(reader.at, true);
    reader.at += 4;
  }
  return new Binary(Uint8Array.from(take(reader, length)), subtype);
}

/** Reads a value of a BSON type. @throws RangeError */
export function readValue(reader: Reader, type: number | undefined): unknown {
  switch (type) {
    case 2:
      return readText(reader);
    case 16: {
      const value = reader.view.getInt32(reader.at, true);
      reader.at += 4;
      return value;
    }
    case 1:
      return readDouble(reader);
    case 3:
      return readDocument(reader);
    case 4:
      return readArray(reader);
    case 8:
      return reader.bytes[reader.at++] === 1;
    case 9:
      return readDate(reader);
    case 6:
    case 10:
      return null;
    case 7:
      return new ObjectId(take(reader, 12));
    case 18:
      return readLong(reader);
    default:
      return readRareValue(reader, type);
  }
}

function readRareValue(reader: Reader, type: number | undefined): unknown {
  switch (type) {
    case 5:
      return readBinary(reader);
    case 11: {
      const pattern = readName(reader);
      return new BSONRegExp(pattern, readName(reader));
    }
    case 12: {
      const collection = readText(reader);
      return new DBRef(collection, new ObjectId(take(reader, 12)));
    }
    case 13:
      return new Code(readText(reader));
    case 14:
      return new BSONSymbol(readText(reader));
    case 15: {
      reader.at += 4;
      const code = readText(reader);
      return new Code(code, readDocument(reader));
    }
    case 17: {
      const bits = readLong(reader);
      return new Timestamp({ t: bits.getHighBitsUnsigned(), i: bits.getLowBitsUnsigned() });
    }
    case 19:
      return new Decimal128(take(reader, 16));
    case 127:
      return new MaxKey();
    case 255:
      return new MinKey();
    default:
      throw new RangeError(`unknown BSON type ${type}`);
  }
}
