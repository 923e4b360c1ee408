import type { ObjectId, Timestamp } from 'bson';
import { badInput } from '../../errors.ts';
import {
  addUnits,
  countBoundaries,
  type DateParts,
  dayOfYear,
  isoWeek,
  localParts,
  parseUnit,
  parseWeekday,
  sundayWeek,
  truncate,
  type Unit,
} from '../dates/calendar.ts';
import { findZone, UTC, type Zone } from '../dates/zones.ts';
import type { Document } from '../types.ts';
import { isDocument } from '../values/fields.ts';
import { long, toInteger, toNumber } from '../values/numbers.ts';
import { isNullish, isNumeric, T, typeNumber } from '../values/types.ts';
import { isFoldable } from './constant.ts';
import { type ExpressionFamily, type ExpressionOperator, named, operandList, wrongType } from './operator.ts';
import type { Scope } from './scope.ts';

/** The time in an ObjectId, which MongoDB reads as a signed 32-bit number of seconds. */
export function objectIdTime(id: ObjectId): number {
  return Buffer.from(id.id).readInt32BE(0) * 1000;
}

/** The instant of a date, timestamp or ObjectId in milliseconds. @throws HydrogenError bad_input */
export function instantOf(value: unknown, name: string): number {
  switch (typeNumber(value)) {
    case T.date:
      return (value as Date).getTime();
    case T.timestamp:
      return (value as Timestamp).t * 1000;
    case T.objectId:
      return objectIdTime(value as ObjectId);
    default:
      if (typeof value !== 'string') throw wrongType(name, 'a date', value);
      throw badInput(`${name} needs a date, not string. Make one of the text with $dateFromString.`);
  }
}

/** The zone of a "timezone" argument; `undefined` means the argument is null, so the result is null. */
export function zoneOf(value: unknown, isSet: boolean, name: string): Zone | undefined {
  if (!isSet) return UTC;
  if (isNullish(value)) return undefined;
  if (typeof value !== 'string') throw wrongType(name, 'a string as "timezone"', value);
  return findZone(value);
}

/** An operator that takes a date, or {date, timezone}, and returns one part of it. */
function part(read: (parts: DateParts) => unknown): ExpressionOperator {
  return (argument, scope, name) => {
    const listed = operandList(argument);
    const single = listed.length === 1 ? listed[0] : undefined;
    if (listed.length !== 1) throw badInput(`${name} takes one operand.`);
    const names = isDocument(single) ? Object.keys(single) : [];
    const isForm = isDocument(single) && !names.some((field) => field.startsWith('$'));
    if (
      isForm &&
      (!names.includes('date') || names.some((field) => field !== 'date' && field !== 'timezone'))
    ) {
      throw badInput(`${name} takes a date, or {date, timezone}.`);
    }
    const date = scope.compile(isForm ? single['date'] : single, scope);
    const zoned = isForm && names.includes('timezone');
    const timezone = scope.compile(zoned ? single['timezone'] : null, scope);
    if (zoned) checkConstants(scope, single, { timezone: (value) => zoneOf(value, true, name) });
    return (doc) => {
      const value = date(doc);
      if (isNullish(value)) return null;
      const instant = instantOf(value, name);
      const zone = zoneOf(zoned ? timezone(doc) : undefined, zoned, name);
      return zone === undefined ? null : read(localParts(instant, zone));
    };
  };
}

/**
 * Reads the arguments that are constants while the operator is compiled, so that a wrong one is an error on every
 * document. Where all are constants, the operator itself is one, and is computed then.
 */
export function checkConstants(
  scope: Scope,
  args: Document,
  checks: { readonly [field: string]: (value: unknown) => unknown },
): void {
  if (!scope.folds || isFoldable(Object.values(args))) return;
  for (const [field, check] of Object.entries(checks)) {
    if (!Object.hasOwn(args, field) || !isFoldable(args[field])) continue;
    const value = scope.compile(args[field], scope)({});
    if (!isNullish(value)) check(value);
  }
}

/** The arguments of a date operator for one document, none of them null. */
type DateArguments = { readonly [field: string]: unknown };

/** Operators with named arguments: null if any that is given is null, whatever the others are. */
function dateOperator(
  required: readonly string[],
  optional: readonly string[],
  apply: (values: DateArguments, zone: () => Zone, name: string) => unknown,
): ExpressionOperator {
  const evaluated = named(required, [...optional, 'timezone'], (values, name) => {
    if (Object.values(values).some(isNullish)) return null;
    return apply(values, () => zoneOf(values['timezone'], 'timezone' in values, name) ?? UTC, name);
  });
  return (argument, scope, name) => {
    const evaluate = evaluated(argument, scope, name);
    checkConstants(scope, argument as Document, {
      unit: (value) => parseUnit(value, name),
      binSize,
      timezone: (value) => zoneOf(value, true, name),
    });
    return evaluate;
  };
}

/** The first day of the week, which is read only where the unit is a week. */
function weekStart({ startOfWeek }: DateArguments, unit: Unit, name: string): number {
  return unit === 'week' && startOfWeek !== undefined ? parseWeekday(startOfWeek, name) : 0;
}

function shift(direction: 1 | -1): ExpressionOperator {
  return dateOperator(['startDate', 'unit', 'amount'], [], (values, zone, name) => {
    const unit = parseUnit(values['unit'], name);
    const place = zone();
    const start = instantOf(values['startDate'], name);
    const count = toInteger(values['amount']);
    if (count === undefined) throw badInput(`"amount" of ${name} must be a whole number.`);
    const result = new Date(addUnits(start, unit, Number(count) * direction, place));
    if (Number.isNaN(result.getTime())) throw badInput(`The date ${name} makes is out of range.`);
    return result;
  });
}

const $dateDiff = dateOperator(['startDate', 'endDate', 'unit'], ['startOfWeek'], (values, zone, name) => {
  const unit = parseUnit(values['unit'], name);
  const weekday = weekStart(values, unit, name);
  const place = zone();
  const [start, end] = [instantOf(values['startDate'], name), instantOf(values['endDate'], name)];
  return long(countBoundaries(start, end, unit, place, weekday));
});

/** So many units still fit in a long of milliseconds; of those that have months, MongoDB takes no more than these. */
const MAX_LONG = 2n ** 63n - 1n;
const MAX_BIN: { readonly [unit in Unit]: bigint } = {
  millisecond: MAX_LONG,
  second: MAX_LONG / 1000n,
  minute: MAX_LONG / 60_000n,
  hour: MAX_LONG / 3_600_000n,
  day: MAX_LONG / 86_400_000n,
  week: MAX_LONG / 604_800_000n,
  month: 100_000_000_000n,
  quarter: 100_000_000_000n,
  year: 100_000_000_000n,
};

function binSize(value: unknown): bigint {
  const size = toInteger(value);
  if (size === undefined || size < 1n) throw badInput('"binSize" of $dateTrunc must be a positive integer.');
  return size;
}

const truncateDate = dateOperator(['date', 'unit'], ['binSize', 'startOfWeek'], (values, zone, name) => {
  const size = binSize(values['binSize'] ?? 1);
  const unit = parseUnit(values['unit'], name);
  const weekday = weekStart(values, unit, name);
  const place = zone();
  const instant = instantOf(values['date'], name);
  if (size > MAX_BIN[unit]) throw badInput('"binSize" of $dateTrunc is too large.');
  return new Date(truncate(instant, unit, Number(size), place, weekday));
});

/** MongoDB computes what is constant without a look at a first day of the week that the unit does not need. */
const $dateTrunc: ExpressionOperator = (argument, scope, name) => {
  const isIgnored =
    isDocument(argument) &&
    argument['startOfWeek'] === null &&
    isFoldable(argument['date']) &&
    isFoldable(argument['unit']) &&
    argument['unit'] !== 'week';
  if (!isIgnored) return truncateDate(argument, scope, name);
  const { startOfWeek: _ignored, ...rest } = argument;
  return truncateDate(rest, scope, name);
};

/** An operand's truth as a number: for tests of "is it an integral number". */
export function integralArgument(value: unknown, field: string, name: string): number {
  if (!isNumeric(value) || toInteger(value) === undefined) {
    throw badInput(`"${field}" of ${name} must be a whole number.`);
  }
  return toNumber(value);
}

export const dates: ExpressionFamily = {
  $year: part(({ year }) => year),
  $month: part(({ month }) => month),
  $dayOfMonth: part(({ day }) => day),
  $hour: part(({ hour }) => hour),
  $minute: part(({ minute }) => minute),
  $second: part(({ second }) => second),
  $millisecond: part(({ millisecond }) => millisecond),
  $dayOfYear: part(dayOfYear),
  $dayOfWeek: part(({ weekday }) => weekday + 1),
  $week: part(sundayWeek),
  $isoWeek: part((parts) => isoWeek(parts).week),
  $isoWeekYear: part((parts) => long(isoWeek(parts).year)),
  $isoDayOfWeek: part(({ weekday }) => (weekday === 0 ? 7 : weekday)),
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff,
  $dateTrunc,
};
