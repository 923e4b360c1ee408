import { Binary, Long, ObjectId, type Timestamp } from 'bson';
import { badInput, HydrogenError, notSupported } from '../../errors.ts';
import { parseDate } from '../dates/parse.ts';
import { coerceToDecimal } from '../values/arithmetic.ts';
import { binaryParts } from '../values/compare.ts';
import { parseDecimal, readDecimal, writeDecimal } from '../values/decimal.ts';
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
import { coerceToText, doubleText } from '../values/to-text.ts';
import { truthy } from '../values/truthy.ts';
import { isNullish, isTypeNumber, T, typeFromName, typeName, typeNumber } from '../values/types.ts';
import {
  type ExpressionFamily,
  type ExpressionOperator,
  namedArguments,
  unary,
  unaryOrNull,
} from './operator.ts';

type Convert = (value: unknown, format: unknown) => unknown;

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
    return inRange(BigInt(value.replace(/^\+/, '')), target);
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

const toDouble: Convert = (value) => {
  if (typeof value !== 'string') {
    const numeric = numericOf(value, 'double');
    const result = numericToNumber(numeric);
    const overflows =
      numeric.type === 'decimal' && numeric.value.special === undefined && !Number.isFinite(result);
    if (overflows) throw badInput(`${String(value)} does not fit in a double.`);
    return double(result);
  }
  const number =
    parseDecimal(value) === undefined ? Number.NaN : Number(value.replace(/inf(inity)?$/i, 'Infinity'));
  if (Number.isNaN(number) && !/^[+-]?nan$/i.test(value)) throw badInput(`"${value}" is not a number.`);
  if (!Number.isFinite(number) && /\d/.test(value)) throw badInput(`"${value}" does not fit in a double.`);
  return double(number);
};

const toDecimal: Convert = (value) => {
  if (typeof value !== 'string') return writeDecimal(coerceToDecimal(numericOf(value, 'decimal')));
  const parsed = parseDecimal(value);
  if (parsed === undefined) throw badInput(`"${value}" is not a number.`);
  const decimal = writeDecimal(parsed);
  const overflows = parsed.special === undefined && readDecimal(decimal).special !== undefined;
  if (overflows) throw badInput(`"${value}" does not fit in decimal.`);
  return decimal;
};

const toDate: Convert = (value) => {
  switch (typeNumber(value)) {
    case T.date:
      return value;
    case T.string:
      return parseDate(value as string, undefined);
    case T.objectId:
      return (value as ObjectId).getTimestamp();
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

const toText: Convert = (value, format) => {
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
    case T.date:
      return coerceToText(value, '$toString');
    case T.binData:
      return binaryText(value as Binary, format);
    default:
      return cannot(value, 'string');
  }
};

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

function binaryText(value: Binary, format: unknown): string {
  const { bytes, subtype } = binaryParts(value);
  const buffer = Buffer.from(bytes);
  switch (format) {
    case 'auto':
      return subtype === 4
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
      return buffer.toString('utf8');
    default:
      throw badInput(
        'Binary data becomes a string with a "format": auto, base64, base64url, hex, utf8 or uuid.',
      );
  }
}

const toBinary: Convert = (value, format) => {
  if (value instanceof Binary) return value;
  if (typeof value !== 'string') return cannot(value, 'binData');
  if (format === 'uuid') {
    if (!UUID.test(value)) throw badInput(`"${value}" is not a UUID.`);
    return new Binary(Uint8Array.from(Buffer.from(value.replaceAll('-', ''), 'hex')), 4);
  }
  if (format !== 'base64' && format !== 'base64url' && format !== 'hex' && format !== 'utf8') {
    throw badInput('A string becomes binary data with a "format": base64, base64url, hex, utf8 or uuid.');
  }
  return new Binary(Uint8Array.from(Buffer.from(value, format)), 0);
};

const toObjectId: Convert = (value) => {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') return cannot(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value))
    throw badInput(`"${value}" is not an ObjectId of 24 hexadecimal digits.`);
  return new ObjectId(value);
};

const TARGETS = new Map<number, Convert>([
  [T.double, toDouble],
  [T.string, toText],
  [T.binData, toBinary],
  [T.objectId, toObjectId],
  [T.bool, truthy],
  [T.date, toDate],
  [T.int, (value) => Number(toWhole(value, 'int'))],
  [T.long, (value) => Long.fromBigInt(toWhole(value, 'long'))],
  [T.decimal, toDecimal],
]);

/** @throws HydrogenError bad_input for an unknown type, which "onError" does not catch */
function targetOf(to: unknown): Convert {
  const wanted = isDocument(to) ? to['type'] : to;
  const number = typeof wanted === 'string' ? typeFromName(wanted) : Number(toInteger(wanted) ?? 0n);
  if (number === undefined || !isTypeNumber(number)) {
    throw badInput(`"to" of $convert names no type: ${String(wanted)}.`);
  }
  return TARGETS.get(number) ?? ((value) => cannot(value, String(wanted)));
}

const $convert: ExpressionOperator = (argument, scope, name) => {
  const optional = ['onError', 'onNull', 'format', 'byteOrder'];
  const args = namedArguments(name, argument, ['input', 'to'], optional);
  if (args.has('byteOrder')) throw notSupported('"byteOrder" of $convert');
  const compile = (field: string) => scope.compile(args.get(field) ?? null, scope);
  const [input, to, format, onError, onNull] = ['input', 'to', 'format', 'onError', 'onNull'].map(compile);
  return (doc) => {
    const value = input?.(doc);
    const wanted = to?.(doc);
    const convert = isNullish(wanted) ? undefined : targetOf(wanted);
    if (isNullish(value)) return args.has('onNull') ? onNull?.(doc) : null;
    if (convert === undefined) return null;
    try {
      return convert(value, format?.(doc));
    } catch (error) {
      if (args.has('onError') && error instanceof HydrogenError) return onError?.(doc);
      throw error;
    }
  };
};

const to = (convert: Convert, format?: string) => unaryOrNull((value) => convert(value, format));
const target = (type: number): Convert => TARGETS.get(type) ?? ((value) => cannot(value, 'this type'));

export const conversion: ExpressionFamily = {
  $convert,
  $toBool: to(target(T.bool)),
  $toInt: to(target(T.int)),
  $toLong: to(target(T.long)),
  $toDouble: to(target(T.double)),
  $toDecimal: to(target(T.decimal)),
  $toDate: to(target(T.date)),
  $toString: to(target(T.string), 'auto'),
  $toObjectId: to(target(T.objectId)),
  $toUUID: to(target(T.binData), 'uuid'),
  $type: unary(typeName),
};
