import { isUtf8 } from 'node:buffer';
import { Binary, Long, ObjectId, type Timestamp } from 'bson';
import { badInput, HydrogenError, reworded } from '../../errors.ts';
import { parseDate } from '../dates/parse.ts';
import { coerceToDecimal } from '../values/arithmetic.ts';
import { binaryParts, storedBytes } from '../values/compare.ts';
import {
  type Decimal,
  DIGITS,
  digitCount,
  magnitude,
  parseDecimal,
  power10,
  readDecimal,
  writeDecimal,
} from '../values/decimal.ts';
import { quantize } from '../values/decimal-math.ts';
import { isDocument } from '../values/fields.ts';
import {
  double,
  fitsLong,
  type Numeric,
  numericToNumber,
  readNumeric,
  toInteger,
  toNumber,
} from '../values/numbers.ts';
import { limitText } from '../values/strings.ts';
import { coerceToText, doubleText } from '../values/to-text.ts';
import { truthy } from '../values/truthy.ts';
import { isNullish, isTypeNumber, T, typeFromName, typeName, typeNumber } from '../values/types.ts';
import { objectIdTime } from './dates.ts';
import {
  type ExpressionFamily,
  type ExpressionOperator,
  namedArguments,
  unary,
  unaryOrNull,
} from './operator.ts';

/** How text and bytes are written, and what becomes of bytes. */
interface Target {
  readonly format?: unknown;
  readonly subtype?: number;
  readonly byteOrder?: unknown;
}

type Convert = (value: unknown, target: Target) => unknown;

function cannot(value: unknown, target: string, why = ''): never {
  throw badInput(`A value of type ${typeName(value)} cannot be converted to ${target}${why && `: ${why}`}.`);
}

/** The numeric value of any value that converts to a number. */
function numericOf(value: unknown, target: string): Numeric {
  const numeric = readNumeric(value);
  if (numeric !== undefined) return numeric;
  if (typeof value === 'boolean') return { type: 'int', value: value ? 1 : 0 };
  if (value instanceof Date && target !== 'int') return { type: 'long', value: BigInt(value.getTime()) };
  return cannot(value, target);
}

function toWhole(value: unknown, target: 'int' | 'long'): bigint {
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) throw badInput(`"${value}" is not an integer.`);
    const digits = value.replace(/^([+-]?)0*(?=\d)/, '$1').replace(/^\+/, '');
    if (digits.length > 20) throw badInput(`A number of ${digits.length} digits does not fit in ${target}.`);
    return inRange(BigInt(digits), target);
  }
  const numeric = numericOf(value, target);
  if (numeric.type === 'int' || numeric.type === 'long') return inRange(BigInt(numeric.value), target);
  if (!Number.isFinite(numericToNumber(numeric)))
    throw badInput(`Infinity and NaN cannot be converted to ${target}.`);
  if (numeric.type !== 'decimal') return inRange(BigInt(Math.trunc(numeric.value)), target);
  const { coefficient, exponent } = quantize(numeric.value, 0, 'down');
  if (exponent > 20 && coefficient !== 0n) throw badInput(`The number is too large for ${target}.`);
  return inRange(coefficient * 10n ** BigInt(Math.max(0, exponent)), target);
}

function inRange(value: bigint, target: 'int' | 'long'): bigint {
  const fits = target === 'int' ? BigInt.asIntN(32, value) === value : fitsLong(value);
  if (!fits) throw badInput(`${value} does not fit in ${target}.`);
  return value;
}

/** A number such as "0x1.8p3". */
function parseHexadecimal(text: string): number | undefined {
  const match = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d{1,5}))?$/i.exec(text);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') return undefined;
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

const toDouble: Convert = (value) => {
  if (typeof value !== 'string') {
    const numeric = numericOf(value, 'double');
    const result = numericToNumber(numeric);
    const overflows =
      numeric.type === 'decimal' && numeric.value.special === undefined && !Number.isFinite(result);
    if (overflows) throw badInput(`${String(value)} does not fit in a double.`);
    return double(result);
  }
  const hexadecimal = parseHexadecimal(value);
  if (hexadecimal !== undefined) return double(hexadecimal);
  const number =
    parseDecimal(value) === undefined ? Number.NaN : Number(value.replace(/inf(inity)?$/i, 'Infinity'));
  if (Number.isNaN(number) && !/^[+-]?nan$/i.test(value)) throw badInput(`"${value}" is not a number.`);
  const underflows = number === 0 && /[1-9]/.test(value.replace(/e.*/i, ''));
  if ((!Number.isFinite(number) && /\d/.test(value)) || underflows)
    throw badInput(`"${value}" does not fit in a double.`);
  return double(number);
};

function cut(value: Decimal): Decimal {
  const excess = digitCount(magnitude(value.coefficient)) - DIGITS;
  if (excess <= 0) return value;
  return { coefficient: value.coefficient / power10(excess), exponent: value.exponent + excess };
}

const toDecimal: Convert = (value) => {
  if (typeof value !== 'string') return writeDecimal(coerceToDecimal(numericOf(value, 'decimal')));
  const parsed = parseDecimal(value);
  if (parsed === undefined) throw badInput(`"${value}" is not a number.`);
  // MongoDB 8.2 cuts the digits of a text after the 34th.
  const decimal = writeDecimal(cut(parsed));
  const overflows = parsed.special === undefined && readDecimal(decimal).special !== undefined;
  const underflows = parsed.coefficient !== 0n && readDecimal(decimal).coefficient === 0n;
  if (overflows || (underflows && parsed.special === undefined)) {
    throw badInput(`"${value}" does not fit in decimal.`);
  }
  return decimal;
};

const toDate: Convert = (value) => {
  switch (typeNumber(value)) {
    case T.date:
      return value;
    case T.string:
      return parseDate(value as string, undefined);
    case T.objectId:
      return new Date(objectIdTime(value as ObjectId));
    case T.timestamp:
      return new Date((value as Timestamp).t * 1000);
    case T.long:
    case T.double:
    case T.decimal: {
      const date = new Date(Number(toWhole(value, 'long')));
      return Number.isNaN(date.getTime()) ? cannot(value, 'date', 'it is out of range') : date;
    }
    default:
      return cannot(value, 'date');
  }
};

const toText: Convert = (value, { format }) => {
  switch (typeNumber(value)) {
    case T.string:
      return value;
    case T.bool:
      return String(value);
    case T.objectId:
      return (value as ObjectId).toHexString();
    case T.double:
      return doubleText(toNumber(value));
    case T.int:
    case T.long:
    case T.decimal:
      return coerceToText(value, '$toString');
    case T.date: {
      const text = coerceToText(value, '$toString');
      return text.length === 24 ? text : cannot(value, 'string', 'its year is not from 0 to 9999');
    }
    case T.binData:
      return limitText(binaryText(value as Binary, format));
    default:
      return cannot(value, 'string');
  }
};

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

function binaryText(value: Binary, format: unknown): string {
  const { subtype } = binaryParts(value);
  const buffer = storedBytes(value);
  switch (format) {
    case 'auto':
      return subtype === 4 && buffer.length === 16
        ? buffer.toString('hex').replace(UUID, '$1-$2-$3-$4-$5')
        : buffer.toString('base64');
    case 'uuid':
      if (subtype !== 4) throw badInput('Only binary data of subtype 4 has the format "uuid".');
      return buffer.toString('hex').replace(UUID, '$1-$2-$3-$4-$5');
    case 'hex':
      return buffer.toString('hex').toUpperCase();
    case 'base64':
    case 'base64url':
      return buffer.toString(format);
    case 'utf8':
      if (!isUtf8(buffer)) throw badInput('The binary data is not UTF-8.');
      return buffer.toString('utf8');
    default:
      throw badInput(
        'Binary data becomes a string with a "format": auto, base64, base64url, hex, utf8 or uuid.',
      );
  }
}

/** What a text must look like in each format; Node's decoder drops whatever does not fit. */
const FORMATS: { readonly [format: string]: (text: string) => boolean } = {
  base64: (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  base64url: (text) => {
    const length = text.replace(/={1,2}$/, '').length;
    return (
      /^[A-Za-z0-9_-]*={0,2}$/.test(text) &&
      length % 4 !== 1 &&
      (length === text.length || text.length % 4 === 0)
    );
  },
  hex: (text) => text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text),
  utf8: () => true,
};

function bytesOfText(text: string, { format, subtype = 0 }: Target): Uint8Array {
  if (format === 'uuid') {
    if (!UUID.test(text) || !text.includes('-')) throw badInput(`"${text}" is not a UUID.`);
    if (subtype !== 4) throw badInput('The format "uuid" makes binary data of subtype 4 only.');
    return Buffer.from(text.replaceAll('-', ''), 'hex');
  }
  const fits = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (fits === undefined) {
    throw badInput('A string becomes binary data with a "format": base64, base64url, hex, utf8 or uuid.');
  }
  if (subtype === 4) throw badInput('Binary data of subtype 4 is made of text of the format "uuid" only.');
  if (!fits(text)) throw badInput(`"${text}" is not ${String(format)}.`);
  return Buffer.from(text, format as BufferEncoding);
}

/** Numbers as binary data, with the least byte first unless "byteOrder" is "big". */
function bytesOfNumber(value: unknown, { byteOrder = 'little' }: Target): Uint8Array | undefined {
  const numeric = readNumeric(value);
  if (numeric === undefined || numeric.type === 'decimal') return undefined;
  const view = new DataView(new ArrayBuffer(numeric.type === 'int' ? 4 : 8));
  const little = byteOrder === 'little';
  if (numeric.type === 'int') view.setInt32(0, numeric.value, little);
  else if (numeric.type === 'long') view.setBigInt64(0, numeric.value, little);
  else view.setFloat64(0, numeric.value, little);
  return new Uint8Array(view.buffer);
}

const toBinary: Convert = (value, target) => {
  const { subtype = 0 } = target;
  if (typeNumber(value) === T.binData) {
    if (binaryParts(value).subtype === subtype) return value;
    throw badInput(
      `Binary data of subtype ${binaryParts(value).subtype} cannot be converted to subtype ${subtype}.`,
    );
  }
  const bytes = typeof value === 'string' ? bytesOfText(value, target) : bytesOfNumber(value, target);
  return bytes === undefined ? cannot(value, 'binData') : new Binary(Uint8Array.from(bytes), subtype);
};

/** The number that binary data of one of some sizes holds. */
function numberOfBytes(value: unknown, target: 'int' | 'long' | 'double', { byteOrder = 'little' }: Target) {
  const bytes = storedBytes(value);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = byteOrder === 'little';
  const sizes = { int: [1, 2, 4], long: [1, 2, 4, 8], double: [4, 8] }[target];
  if (!sizes.includes(bytes.length)) {
    throw badInput(`${bytes.length} bytes cannot be converted to ${target}: it takes ${sizes.join(', ')}.`);
  }
  if (target === 'double') {
    return double(bytes.length === 4 ? view.getFloat32(0, little) : view.getFloat64(0, little));
  }
  const read = { 1: 'getInt8', 2: 'getInt16', 4: 'getInt32', 8: 'getBigInt64' } as const;
  const whole = BigInt(view[read[bytes.length as 8]](0, little));
  return target === 'int' ? Number(whole) : Long.fromBigInt(whole);
}

const orBytes =
  (target: 'int' | 'long' | 'double', convert: Convert): Convert =>
  (value, options) =>
    typeNumber(value) === T.binData ? numberOfBytes(value, target, options) : convert(value, options);

const toObjectId: Convert = (value) => {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') return cannot(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value))
    throw badInput(`"${value}" is not an ObjectId of 24 hexadecimal digits.`);
  return new ObjectId(value);
};

const TARGETS = new Map<number, Convert>([
  [T.double, orBytes('double', toDouble)],
  [T.string, toText],
  [T.binData, toBinary],
  [T.objectId, toObjectId],
  [T.bool, truthy],
  [T.date, toDate],
  [T.int, orBytes('int', (value) => Number(toWhole(value, 'int')))],
  [T.long, orBytes('long', (value) => Long.fromBigInt(toWhole(value, 'long')))],
  [T.decimal, toDecimal],
]);

/** @throws HydrogenError bad_input for an unknown type, which "onError" does not catch */
function converterOf(to: unknown): Convert {
  // "missing" names a type, too, that nothing can be converted to.
  const known = to === 'missing' ? T.missing : typeFromName(String(to));
  const number = typeof to === 'string' ? known : Number(toInteger(to) ?? 0n);
  if (number === undefined || !(isTypeNumber(number) || to === 'missing')) {
    throw badInput(`"to" of $convert names no type: ${String(to)}.`);
  }
  return TARGETS.get(number) ?? ((value) => cannot(value, String(to)));
}

/** Subtypes that are defined, and those of users. */
const isSubtype = (value: number): boolean => (value >= 0 && value <= 9) || (value >= 128 && value <= 255);

function subtypeOf(to: unknown): number {
  if (!isDocument(to) || to['subtype'] === undefined) return 0;
  const subtype = toInteger(to['subtype']);
  if (subtype === undefined || !isSubtype(Number(subtype))) {
    throw badInput('"subtype" of $convert is the number of a kind of binary data: 0 to 9, or 128 to 255.');
  }
  return Number(subtype);
}

/** The type of "to", which is that type or a document with it and perhaps a subtype; other fields count for nothing. */
function typeOf(to: unknown): unknown {
  if (!isDocument(to)) return to;
  if (isNullish(to['type'])) throw badInput('"to" of $convert needs a "type", as in {type: "int"}.');
  return to['type'];
}

function checkOption(value: unknown, name: string, allowed: readonly string[]): void {
  if (isNullish(value) || allowed.includes(String(value))) return;
  throw badInput(`"${name}" of $convert is one of ${allowed.join(', ')}.`);
}

/** One value of one document ends the whole query: says by which operator, and how the others go through. */
const withWayOut = (error: unknown, name: string): unknown =>
  error instanceof HydrogenError
    ? reworded(error, `${name}: ${error.message} With $convert, "onError" says what such a value becomes.`)
    : error;

const $convert: ExpressionOperator = (argument, scope, name) => {
  const optional = ['onError', 'onNull', 'format', 'byteOrder'];
  const args = namedArguments(name, argument, ['input', 'to'], optional);
  const compile = (field: string) => scope.compile(args.get(field) ?? null, scope);
  const input = compile('input');
  const [to, format, byteOrder] = [compile('to'), compile('format'), compile('byteOrder')];
  const [onError, onNull] = [compile('onError'), compile('onNull')];
  return (doc) => {
    const value = input(doc);
    const wanted = to(doc);
    const type = typeOf(wanted);
    const convert = isNullish(type) ? undefined : converterOf(type);
    if (isNullish(value)) return args.has('onNull') ? onNull(doc) : null;
    if (convert === undefined) return null;
    const target = { format: format(doc), byteOrder: byteOrder(doc) ?? 'little', subtype: subtypeOf(wanted) };
    checkOption(target.format, 'format', [...Object.keys(FORMATS), 'uuid', 'auto']);
    checkOption(target.byteOrder, 'byteOrder', ['little', 'big']);
    try {
      return convert(value, target);
    } catch (error) {
      if (args.has('onError') && error instanceof HydrogenError) return onError(doc);
      throw withWayOut(error, name);
    }
  };
};

const to = (type: number, target: Target = {}) => {
  const convert = TARGETS.get(type) ?? ((value) => cannot(value, 'this type'));
  return unaryOrNull((value, name) => {
    try {
      return convert(value, target);
    } catch (error) {
      throw withWayOut(error, name);
    }
  });
};

export const conversion: ExpressionFamily = {
  $convert,
  $toBool: to(T.bool),
  $toInt: to(T.int),
  $toLong: to(T.long),
  $toDouble: to(T.double),
  $toDecimal: to(T.decimal),
  $toDate: to(T.date),
  $toString: to(T.string, { format: 'auto' }),
  $toObjectId: to(T.objectId),
  $toUUID: to(T.binData, { format: 'uuid', subtype: 4 }),
  $type: unary(typeName),
};
