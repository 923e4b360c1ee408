import type { Long } from 'bson';
import { type JsonbSink, jsonb, writeAscii, writeText } from './jsonb.ts';

/**
 * The letter prefixed to a scalar that is not a number. Within one letter the text sorts (by bytes) as the values do,
 * and the letters from string to date sort as MongoDB sorts these types. SQLite sorts numbers below all text, the text
 * of an array (`[`) below every letter and that of a document (`{`) above.
 */
export const TAG = {
  nan: 'm',
  null: 'n',
  string: 's',
  objectId: 't',
  bool: 'u',
  date: 'v',
  /** Binary, Timestamp, regular expression and other types that equal none of the above. */
  other: 'x',
} as const;

/** In UTF-16 units; longer strings are left to the BSON. */
const MAX_STRING = 256;

/** Whether a string can be stored as is: SQLite text has trouble with NUL and lone surrogates. */
function storable(text: string): boolean {
  return text.length <= MAX_STRING && !text.includes('\0') && text.isWellFormed();
}

/** The earliest date in JavaScript, in ms. */
const EARLIEST = 8_640_000_000_000_000;

/** The text of a date, which sorts by time; `undefined` outside JavaScript's range. */
export function dateText(value: Date): string | undefined {
  const time = value.getTime();
  if (Number.isNaN(time)) return undefined;
  // The sign is separate: the whole range counted from one end would exceed the safe integers.
  return time < 0 ? `0${String(time + EARLIEST).padStart(16, '0')}` : `1${String(time).padStart(16, '0')}`;
}

function writeNumber(sink: JsonbSink, value: number): void {
  if ((value | 0) === value) writeAscii(sink, jsonb.integer, String(value | 0));
  else if (Number.isNaN(value)) writeAscii(sink, jsonb.plainText, TAG.nan);
  else if (!Number.isFinite(value)) writeAscii(sink, jsonb.float, value > 0 ? '9e999' : '-9e999');
  else {
    const text = String(value);
    writeAscii(sink, jsonb.float, Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text);
  }
}

/** Writes a scalar; false for a document, an array, and anything SQL cannot compare exactly. */
export function writeScalar(sink: JsonbSink, value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      if (!storable(value)) return false;
      writeText(sink, value, TAG.string);
      return true;
    case 'number':
      writeNumber(sink, value);
      return true;
    case 'boolean':
      writeAscii(sink, jsonb.plainText, value ? '1' : '0', TAG.bool);
      return true;
    case 'bigint':
      writeAscii(sink, jsonb.integer, String(value));
      return true;
    case 'object':
      if (value !== null) return writeInstance(sink, value);
      writeAscii(sink, jsonb.plainText, TAG.null);
      return true;
    default:
      return false;
  }
}

function writeInstance(sink: JsonbSink, value: object): boolean {
  if (value instanceof Date) {
    const text = dateText(value);
    if (text === undefined) return false;
    writeAscii(sink, jsonb.plainText, text, TAG.date);
    return true;
  }
  switch ((value as { _bsontype?: unknown })._bsontype) {
    case 'ObjectId':
      writeAscii(sink, jsonb.plainText, (value as { toHexString(): string }).toHexString(), TAG.objectId);
      return true;
    case 'Long':
      writeAscii(sink, jsonb.integer, (value as Long).toString());
      return true;
    case 'Double':
    case 'Int32':
      writeNumber(sink, Number(value));
      return true;
    case 'Binary':
    case 'UUID':
    case 'Timestamp':
    case 'BSONRegExp':
    case 'Code':
    case 'DBRef':
    case 'MinKey':
    case 'MaxKey':
      writeAscii(sink, jsonb.plainText, TAG.other);
      return true;
    default:
      // A Decimal128 is a number and a Symbol a string, but SQL cannot compare them with others.
      return false;
  }
}
