import { Timestamp } from 'bson';
import { badInput, HydrogenError } from '../../errors.ts';
import { DAY, isoWeek, localParts } from '../dates/calendar.ts';
import { formatDate, parseFormat } from '../dates/format.ts';
import { isoDayNumber, parseDate, parseDateByFormat } from '../dates/parse.ts';
import { fromLocal, UTC, utcMillis, type Zone } from '../dates/zones.ts';
import type { Document } from '../types.ts';
import { isDocument } from '../values/fields.ts';
import { long } from '../values/numbers.ts';
import { truthy } from '../values/truthy.ts';
import { isNullish } from '../values/types.ts';
import { instantOf, integralArgument, zoneOf } from './dates.ts';
import {
  type ExpressionFamily,
  type ExpressionOperator,
  named,
  namedArguments,
  wrongType,
} from './operator.ts';
import type { Expression } from './scope.ts';

const ISO = '%Y-%m-%dT%H:%M:%S.%LZ';
const ISO_ZONED = '%Y-%m-%dT%H:%M:%S.%L';

const $dateToString: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['date'], ['format', 'timezone', 'onNull']);
  const constant = args.get('format');
  if (typeof constant === 'string' && !constant.startsWith('$')) parseFormat(constant);
  const [date, format, timezone, onNull] = ['date', 'format', 'timezone', 'onNull'].map((field) =>
    scope.compile(args.get(field) ?? null, scope),
  );
  const zoned = args.has('timezone');
  return (doc) => {
    const value = date?.(doc);
    if (isNullish(value)) return args.has('onNull') ? onNull?.(doc) : null;
    const zone = zoneOf(timezone?.(doc), zoned, name);
    const pattern = args.has('format') ? format?.(doc) : zone === UTC ? ISO : ISO_ZONED;
    if (zone === undefined || isNullish(pattern)) return null;
    if (typeof pattern !== 'string') throw wrongType(name, 'a string as "format"', pattern);
    return formatDate(instantOf(value, name), pattern, zone);
  };
};

/** The value of an option for a document: `undefined` if the option is not set, null if it is null or missing. */
function optionOf(doc: Document, evaluate: Expression | undefined, isGiven: boolean): unknown {
  const value = isGiven ? evaluate?.(doc) : undefined;
  return isGiven && isNullish(value) ? null : value;
}

function parseText(value: unknown, pattern: string | undefined, zone: Zone | undefined, name: string): Date {
  if (typeof value !== 'string') throw wrongType(name, 'a string as "dateString"', value);
  return pattern === undefined ? parseDate(value, zone) : parseDateByFormat(value, pattern, zone);
}

const $dateFromString: ExpressionOperator = (argument, scope, name) => {
  const fields = ['format', 'timezone', 'onError', 'onNull'];
  const args = namedArguments(name, argument, ['dateString'], fields);
  const constant = args.get('format');
  if (typeof constant === 'string' && !constant.startsWith('$')) parseFormat(constant);
  const compile = (field: string) => scope.compile(args.get(field) ?? null, scope);
  const text = compile('dateString');
  const [format, timezone, onError, onNull] = fields.map(compile);
  return (doc) => {
    const value = text(doc);
    if (isNullish(value)) return args.has('onNull') ? onNull?.(doc) : null;
    const pattern = optionOf(doc, format, args.has('format'));
    const zoneName = optionOf(doc, timezone, args.has('timezone'));
    if (pattern === null || zoneName === null) return null;
    if (pattern !== undefined && typeof pattern !== 'string')
      throw wrongType(name, 'a string as "format"', pattern);
    const zone = zoneName === undefined ? undefined : zoneOf(zoneName, true, name);
    try {
      return parseText(value, pattern, zone, name);
    } catch (error) {
      if (args.has('onError') && error instanceof HydrogenError) return onError?.(doc);
      throw error;
    }
  };
};

const CLOCK = ['hour', 'minute', 'second', 'millisecond'];
/** Parts that carry over into others may have any size; all others but the year must fit in 16 bits. */
const UNBOUNDED = ['second', 'millisecond'];

function datePart(value: unknown, field: string, name: string): number {
  const number = integralArgument(value, field, name);
  const isYear = field === 'year' || field === 'isoWeekYear';
  const [low, high] = isYear ? [1, 9999] : [-32_768, 32_767];
  if (!UNBOUNDED.includes(field) && (number < low || number > high)) {
    throw badInput(`"${field}" of ${name} must be from ${low} to ${high}.`);
  }
  return number;
}

const $dateFromParts: ExpressionOperator = (argument, scope, name) => {
  const isIso = isDocument(argument) && Object.hasOwn(argument, 'isoWeekYear');
  const day = isIso ? ['isoWeek', 'isoDayOfWeek'] : ['month', 'day'];
  const required = isIso ? 'isoWeekYear' : 'year';
  const zoned = isDocument(argument) && Object.hasOwn(argument, 'timezone');
  const build = named([required], [...day, ...CLOCK, 'timezone'], (values) => {
    const zone = zoneOf(values['timezone'], zoned, name);
    const parts = [required, ...day, ...CLOCK].map((field) => {
      if (!(field in values)) return day.includes(field) ? 1 : 0;
      const value = values[field];
      return isNullish(value) ? undefined : datePart(value, field, name);
    });
    if (zone === undefined || parts.includes(undefined)) return null;
    const [year = 0, second = 1, third = 1, hour = 0, minute = 0, seconds = 0, ms = 0] = parts;
    const start = isIso ? isoDayNumber(year, second, third) * DAY : utcMillis(year, second - 1, third);
    const date = new Date(fromLocal(start + hour * 3600000 + minute * 60000 + seconds * 1000 + ms, zone));
    if (Number.isNaN(date.getTime())) throw badInput(`The date ${name} makes is out of range.`);
    return date;
  });
  return build(argument, scope, name);
};

const $dateToParts: ExpressionOperator = (argument, scope, outer) => {
  const zoned = isDocument(argument) && Object.hasOwn(argument, 'timezone');
  const isIsoSet = isDocument(argument) && Object.hasOwn(argument, 'iso8601');
  const build = named(['date'], ['timezone', 'iso8601'], ({ date, timezone, iso8601 }, name) => {
    const zone = zoneOf(timezone, zoned, name);
    if (isNullish(date) || zone === undefined || (isIsoSet && isNullish(iso8601))) return null;
    if (iso8601 !== undefined && typeof iso8601 !== 'boolean') {
      throw wrongType(name, 'true or false as "iso8601"', iso8601);
    }
    const parts = localParts(instantOf(date, name), zone);
    const { year, month, day, hour, minute, second, millisecond, weekday } = parts;
    const clock = { hour, minute, second, millisecond };
    if (!truthy(iso8601)) return { year, month, day, ...clock };
    const iso = isoWeek(parts);
    return { isoWeekYear: iso.year, isoWeek: iso.week, isoDayOfWeek: weekday === 0 ? 7 : weekday, ...clock };
  });
  return build(argument, scope, outer);
};

function timestampPart(read: (value: Timestamp) => number): ExpressionOperator {
  return (argument, scope, name) => {
    const operand = scope.compile(Array.isArray(argument) ? argument[0] : argument, scope);
    return (doc) => {
      const value = operand(doc);
      if (isNullish(value)) return null;
      if (!(value instanceof Timestamp)) throw wrongType(name, 'a timestamp', value);
      return long(read(value));
    };
  };
}

export const dateText: ExpressionFamily = {
  $dateToString,
  $dateFromString,
  $dateFromParts,
  $dateToParts,
  $tsSecond: timestampPart((value) => value.t),
  $tsIncrement: timestampPart((value) => value.i),
};
