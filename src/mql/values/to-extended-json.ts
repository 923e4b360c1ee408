import type { Binary, BSONSymbol, Code, DBRef, ObjectId, Timestamp } from 'bson';
import type { Document } from '../types.ts';
import { binaryParts, regexParts } from './compare.ts';
import { getField, setField } from './fields.ts';
import { toNumber } from './numbers.ts';
import { T, typeNumber } from './types.ts';

export interface ExtendedJsonOptions {
  /** Plain numbers and ISO dates where that loses nothing (the default); false: every type is spelt out. */
  readonly relaxed?: boolean;
}

/**
 * The value as plain JSON in Extended JSON v2. Relaxed form writes a long that a JSON number cannot hold
 * exactly as `{"$numberLong": "…"}`, and a double that would be read as another number as `{"$numberDouble": "…"}`.
 */
export function toExtendedJson(value: unknown, options: ExtendedJsonOptions = {}): unknown {
  return convert(value, options.relaxed ?? true);
}

/** Like `toExtendedJson`, but as one line of text. */
export function stringifyExtendedJson(value: unknown, options: ExtendedJsonOptions = {}): string {
  return JSON.stringify(toExtendedJson(value, options));
}

function convert(value: unknown, relaxed: boolean): unknown {
  switch (typeNumber(value)) {
    case T.string:
    case T.bool:
    case T.null:
      return value;
    case T.missing:
      return null;
    case T.array:
      return (value as unknown[]).map((item) => convert(item, relaxed));
    case T.object:
      return convertDocument(value as Document, relaxed);
    case T.int:
      return relaxed ? toNumber(value) : { $numberInt: String(toNumber(value)) };
    case T.double:
      return convertDouble(toNumber(value), relaxed);
    case T.long:
      return convertLong(value, relaxed);
    case T.date:
      return convertDate(value as Date, relaxed);
    default:
      return convertOther(value, relaxed);
  }
}

function convertDocument(doc: Document, relaxed: boolean): Document {
  const result: Document = {};
  for (const name of Object.keys(doc)) {
    const value = getField(doc, name);
    if (value !== undefined) setField(result, name, convert(value, relaxed));
  }
  return result;
}

/** From here on `JSON.stringify` writes an exponent, which keeps a whole number a double. */
const exponentFrom = 1e21;

/** Whether the double, as JSON writes it, is read as the same value: a whole number beyond 2^53 would be another. */
function isExactInJson(value: number): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  return !Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= exponentFrom;
}

function convertDouble(value: number, relaxed: boolean): unknown {
  if (relaxed && isExactInJson(value)) return value;
  if (Object.is(value, -0)) return { $numberDouble: '-0.0' };
  return {
    $numberDouble: Number.isInteger(value) ? `${value}.0`.replace(/e(.*)\.0$/, 'e$1') : String(value),
  };
}

function convertLong(value: unknown, relaxed: boolean): unknown {
  const number = toNumber(value);
  return relaxed && Number.isSafeInteger(number) ? number : { $numberLong: String(value) };
}

function convertDate(value: Date, relaxed: boolean): unknown {
  const ms = value.getTime();
  const readable = relaxed && ms >= 0 && ms < 253402300800000;
  return { $date: readable ? value.toISOString().replace('.000Z', 'Z') : { $numberLong: String(ms) } };
}

function convertOther(value: unknown, relaxed: boolean): unknown {
  switch (typeNumber(value)) {
    case T.objectId:
      return { $oid: (value as ObjectId).toHexString() };
    case T.decimal:
      return { $numberDecimal: String(value) };
    case T.binData: {
      const { bytes, subtype } = binaryParts(value as Binary);
      const base64 = Buffer.from(bytes).toString('base64');
      return { $binary: { base64, subType: subtype.toString(16).padStart(2, '0') } };
    }
    case T.regex:
      return { $regularExpression: regexParts(value) };
    case T.timestamp: {
      const { t, i } = value as Timestamp;
      return { $timestamp: { t, i } };
    }
    case T.javascript:
      return { $code: (value as Code).code };
    case T.javascriptWithScope:
      return { $code: (value as Code).code, $scope: convert((value as Code).scope, relaxed) };
    case T.symbol:
      return { $symbol: (value as BSONSymbol).value };
    case T.dbPointer:
      return {
        $dbPointer: { $ref: (value as DBRef).collection, $id: convert((value as DBRef).oid, relaxed) },
      };
    default:
      return typeNumber(value) === T.minKey ? { $minKey: 1 } : { $maxKey: 1 };
  }
}
