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
import { badInput, HydrogenError } from '../../errors.ts';
import { momentOf } from '../dates/moment.ts';
import type { Document } from '../types.ts';
import { exactNumber, parseJsonNumbers } from './exact-json.ts';
import { getField, isDocument, setField } from './fields.ts';
import { double } from './numbers.ts';
import { isInt32 } from './types.ts';

/**
 * Reads Extended JSON v2, canonical or relaxed, as text or as already parsed JSON. `$regex` stays the
 * query operator. In text, integers keep all digits of an int64 and `1.0` stays a double.
 * @throws HydrogenError bad_input for invalid JSON or a malformed type wrapper
 */
export function fromExtendedJson(input: unknown): unknown {
  try {
    return convert(typeof input === 'string' ? parseJson(input) : input);
  } catch (cause) {
    if (cause instanceof HydrogenError) throw cause;
    throw badInput(`Not valid Extended JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function parseJson(text: string): unknown {
  // The only numbers that JSON.parse does not preserve: many digits, integers with a point, exponents.
  if (!/(?:^|[:,[])\s*-?\d+(?:\d{15}|\.0+(?!\d)|[.\d]*[eE])/.test(text)) return JSON.parse(text);
  return parseJsonNumbers(text, (source) => {
    const value = exactNumber(source);
    return typeof value === 'number' && /[.eE]/.test(source) ? double(value) : value;
  });
}

function convert(value: unknown, depth = 0): unknown {
  if (depth > 500) throw badInput('The value is nested more than 500 levels deep.');
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !isInt32(value) && value !== 0 ? Long.fromNumber(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1));
  if (!isDocument(value)) return value;
  const names = Object.keys(value);
  const first = names[0];
  if (first?.startsWith('$')) {
    const wrapper = wrappers[first];
    if (wrapper !== undefined && Object.hasOwn(wrappers, first)) {
      const converted = wrapper(getField(value, first), value, names.length);
      if (converted !== undefined) return converted;
    }
  }
  const doc: Document = {};
  for (const name of names) setField(doc, name, convert(getField(value, name), depth + 1));
  return doc;
}

function bad(name: string, wanted: string): HydrogenError {
  return badInput(`${name} of Extended JSON must be ${wanted}.`);
}

type Wrapper = (content: unknown, whole: Document, size: number) => unknown;

function text(name: string, pattern: RegExp, wanted: string, make: (text: string) => unknown): Wrapper {
  return (content, _whole, size) => {
    if (size !== 1) return undefined;
    if (typeof content !== 'string' || !pattern.test(content)) throw bad(name, wanted);
    return make(content);
  };
}

const wrappers: { [name: string]: Wrapper } = {
  $oid: text('$oid', /^[0-9a-fA-F]{24}$/, 'a string of 24 hexadecimal digits', (s) => new ObjectId(s)),
  $numberInt: text('$numberInt', /^-?\d+$/, 'a string with an integer', (s) => {
    const value = Number(s);
    if (!isInt32(value) && value !== 0) throw bad('$numberInt', 'within 32 bits');
    return value | 0;
  }),
  $numberLong: text('$numberLong', /^-?\d+$/, 'a string with an integer', (s) => {
    const value = BigInt(s);
    if (BigInt.asIntN(64, value) !== value) throw bad('$numberLong', 'within 64 bits');
    return Long.fromBigInt(value);
  }),
  $numberDouble: text('$numberDouble', /\S/, 'a string with a number', (s) => {
    const value = Number(s);
    if (Number.isNaN(value) && s !== 'NaN') throw bad('$numberDouble', 'a string with a number');
    return isInt32(value) ? new Double(value) : value;
  }),
  $numberDecimal: text('$numberDecimal', /\S/, 'a string with a number', (s) => Decimal128.fromString(s)),
  $symbol: text('$symbol', /^/, 'a string', (s) => new BSONSymbol(s)),
  $uuid: text('$uuid', /^[0-9a-fA-F-]{32,36}$/, 'a UUID', (s) => {
    return new Binary(Uint8Array.from(Buffer.from(s.replaceAll('-', ''), 'hex')), 4);
  }),
  $date: (content, _whole, size) => (size === 1 ? readDate(convert(content)) : undefined),
  $binary: (content, whole) => {
    const body = isDocument(content) ? content : { base64: content, subType: whole['$type'] };
    if (typeof body['base64'] !== 'string' || body['subType'] === undefined) {
      throw bad('$binary', '{base64: string, subType: string}');
    }
    const subtype = Number.parseInt(String(body['subType']), 16);
    return new Binary(Uint8Array.from(Buffer.from(body['base64'], 'base64')), subtype);
  },
  $regularExpression: (content) => {
    if (!isDocument(content) || typeof content['pattern'] !== 'string') {
      throw bad('$regularExpression', '{pattern: string, options: string}');
    }
    return new BSONRegExp(content['pattern'], String(content['options'] ?? ''));
  },
  $timestamp: (content) => {
    if (!isDocument(content)) throw bad('$timestamp', '{t: number, i: number}');
    return new Timestamp({ t: Number(content['t']), i: Number(content['i']) });
  },
  $code: (content, whole) => {
    const scope = convert(whole['$scope']);
    return isDocument(scope) ? new Code(String(content), scope) : new Code(String(content));
  },
  $dbPointer: (content) => {
    const { $ref, $id } = isDocument(content) ? content : {};
    return new DBRef(String($ref), convert($id) as ObjectId);
  },
  $minKey: (_content, _whole, size) => (size === 1 ? new MinKey() : undefined),
  $maxKey: (_content, _whole, size) => (size === 1 ? new MaxKey() : undefined),
  $undefined: (_content, _whole, size) => (size === 1 ? null : undefined),
};

/** What JavaScript's dates hold on either side of 1970, ms. */
const maxMs = 8_640_000_000_000_000;

/** Whether what is no date is one in its form, and too early or too late only. */
function isBeyondDates(given: unknown): boolean {
  if (typeof given === 'number') return Math.abs(given) > maxMs;
  const { year } = /^(?<year>[+-]\d{6})-\d\d-\d\d/.exec(String(given))?.groups ?? {};
  return Math.abs(Number(year)) > 271_820;
}

function readDate(content: unknown): Date {
  const ms = content instanceof Long ? content.toNumber() : content;
  // Not `Date`'s own reading of text: it takes "01.02.2026" for a day in January, by the order of the United States.
  const date = typeof ms === 'string' ? momentOf(ms) : typeof ms === 'number' ? new Date(ms) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    if (isBeyondDates(ms))
      throw badInput(
        `$date of Extended JSON must be within -271821-04-20 and +275760-09-13 (${-maxMs} to ${maxMs} ms), not ${ms}.`,
      );
    const wanted = 'an ISO 8601 string such as "2026-01-31T00:00:00Z", or {$numberLong: "milliseconds"}';
    throw bad('$date', typeof ms === 'string' ? `${wanted}, not ${JSON.stringify(ms.slice(0, 60))}` : wanted);
  }
  return date;
}
