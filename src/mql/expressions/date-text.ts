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
import { checkConstants, instantOf, integralArgument, zoneOf } from './dates.ts';
import {
  type ExpressionFamily,
  type ExpressionOperator,
  named,
  namedArguments,
  wrongType,
} from './operator.ts';
import type { Expression, Scope } from './scope.ts';

const ISO = '%Y-%m-%dT%H:%M:%S.%LZ';
const ISO_ZONED = '%Y-%m-%dT%H:%M:%S.%L';

/** A "format" that is not null, checked. */
function formatOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string as "format"', value);
  parseFormat(value);
  return value;
}

/** Checks what is constant of the options that are looked at even where there is no date. */
function checkOptions(argument: unknown, scope: Scope, name: string): void {
  if (!isDocument(argument)) return;
  checkConstants(scope, argument, { timezone: (value) => zoneOf(value, true, name) });
}

const $dateToString: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['date'], ['format', 'timezone', 'onNull']);
  const constant = args.get('format');
  if (typeof constant === 'string' && !constant.startsWith('$')) parseFormat(constant);
  checkOptions(argument, scope, name);
  const [date, format, timezone, onNull] = ['date', 'format', 'timezone', 'onNull'].map((field) =>
    scope.compile(args.get(field) ?? null, scope),
  );
  const zoned = args.has('timezone');
  return (doc) => {
    const value = date?.(doc);
    const given = optionOf(doc, format, args.has('format'));
    const pattern = isNullish(given) ? given : formatOf(given, name);
    const zone = zoneOf(timezone?.(doc), zoned, name);
    if (isNullish(value)) return args.has('onNull') ? onNull?.(doc) : null;
    if (zone === undefined || pattern === null) return null;
    return formatDate(instantOf(value, name), pattern ?? (zone === UTC ? ISO : ISO_ZONED), zone);
  };
};

/** The value of an option for a document: `undefined` if the option is not set, null if it is null or missing. */
function optionOf(doc: Document, evaluate: Expression | undefined, isGiven: boolean): unknown {
  const value = isGiven ? evaluate?.(doc) : undefined;
  return isGiven && isNullish(value) ? null : value;
}

/** Null if an option is null, which is not asked where the value is no text at all. */
function parseText(
  value: unknown,
  pattern: string | null | undefined,
  zone: Zone | null | undefined,
  name: string,
): Date | null {
  if (typeof value !== 'string') throw wrongType(name, 'a string as "dateString"', value);
  if (pattern === null || zone === null) return null;
  return pattern === undefined ? parseDate(value, zone) : parseDateByFormat(value, pattern, zone);
}

const $dateFromString: ExpressionOperator = (argument, scope, name) => {
  const fields = ['format', 'timezone', 'onError', 'onNull'];
  const args = namedArguments(name, argument, ['dateString'], fields);
  const constant = args.get('format');
  if (typeof constant === 'string' && !constant.startsWith('$')) parseFormat(constant);
  checkOptions(argument, scope, name);
  const compile = (field: string) => scope.compile(args.get(field) ?? null, scope);
  const text = compile('dateString');
  const [format, timezone, onError, onNull] = fields.map(compile);
  return (doc) => {
    const value = text(doc);
    const given = optionOf(doc, format, args.has('format'));
    const pattern = isNullish(given) ? given : formatOf(given, name);
    const zoneName = optionOf(doc, timezone, args.has('timezone'));
    const zone = isNullish(zoneName) ? undefined : zoneOf(zoneName, true, name);
    if (isNullish(value)) return args.has('onNull') ? onNull?.(doc) : null;
    try {
      return parseText(value, pattern, zoneName === null ? null : zone, name);
    } catch (error) {
      if (args.has('onError') && error instanceof HydrogenError) return onError?.(doc);
      throw error;
    }
  };
};

const CLOCK = ['hour', 'minute', 'second', 'millisecond'];
/** Parts that may have any size here; all others must fit in 16 bits. */
const UNBOUNDED = ['second', 'millisecond', 'year', 'isoWeekYear'];

function datePart(value: unknown, field: string, name: string): number {
  const number = integralArgument(value, field, name);
  const [low, high] = [-32_768, 32_767];
  if (!UNBOUNDED.includes(field) && (number < low || number > high)) {
    throw badInput(`"${field}" of ${name} must be from ${low} to ${high}.`);
  }
  return number;
}

const $dateFromParts: ExpressionOperator = (argument, scope, name) => {
  const isIso = isDocument(argument) && Object.hasOwn(argument, 'isoWeekYear');
  const days = isIso ? ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'] : ['year', 'month', 'day'];
  const [required = '', ...optional] = days;
  const args = namedArguments(name, argument, [required], [...optional, ...CLOCK, 'timezone']);
  const compiled = new Map([...args].map(([field, value]) => [field, scope.compile(value, scope)]));
  checkOptions(argument, scope, name);
  return (doc) => {
    /** The parts in order, each looked at only where none before it is null. */
    const read = (fields: readonly string[], otherwise: number): number[] | undefined => {
      const parts: number[] = [];
      for (const field of fields) {
        const value = compiled.has(field) ? compiled.get(field)?.(doc) : otherwise;
        if (isNullish(value)) return undefined;
        parts.push(datePart(value, field, name));
      }
      return parts;
    };
    const clock = read(CLOCK, 0);
    if (clock === undefined) return null;
    const zone = zoneOf(compiled.get('timezone')?.(doc), args.has('timezone'), name);
    if (zone === undefined) return null;
    const date = read(days, 1);
    if (date === undefined) return null;
    const [year = 1, second = 1, third = 1] = date;
    if (year < 1 || year > 9999) throw badInput(`"${required}" of ${name} must be from 1 to 9999.`);
    const [hour = 0, minute = 0, seconds = 0, ms = 0] = clock;
    const start = isIso ? isoDayNumber(year, second, third) * DAY : utcMillis(year, second - 1, third);
    const result = new Date(fromLocal(start + hour * 3600000 + minute * 60000 + seconds * 1000 + ms, zone));
    if (Number.isNaN(result.getTime())) throw badInput(`The date ${name} makes is out of range.`);
    return result;
  };
};

const $dateToParts: ExpressionOperator = (argument, scope, outer) => {
  const zoned = isDocument(argument) && Object.hasOwn(argument, 'timezone');
  const isIsoSet = isDocument(argument) && Object.hasOwn(argument, 'iso8601');
  const build = named(['date'], ['timezone', 'iso8601'], ({ date, timezone, iso8601 }, name) => {
    const zone = zoneOf(timezone, zoned, name);
    if (zone === undefined || (isIsoSet && isNullish(iso8601))) return null;
    if (iso8601 !== undefined && typeof iso8601 !== 'boolean') {
      throw wrongType(name, 'true or false as "iso8601"', iso8601);
    }
    if (isNullish(date)) return null;
    const parts = localParts(instantOf(date, name), zone);
    const { year, month, day, hour, minute, second, millisecond, weekday } = parts;
    const clock = { hour, minute, second, millisecond };
    if (!truthy(iso8601)) return { year, month, day, ...clock };
    const iso = isoWeek(parts);
    return { isoWeekYear: iso.year, isoWeek: iso.week, isoDayOfWeek: weekday === 0 ? 7 : weekday, ...clock };
  });
  checkOptions(argument, scope, outer);
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
