import { badInput } from '../../errors.ts';
import { fromLocal, toLocal, utcMillis, type Zone } from './zones.ts';

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS = ['millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Unit = (typeof UNITS)[number];

/** Milliseconds of the units with a fixed length. */
export const FIXED: { readonly [unit: string]: number } = {
  millisecond: 1,
  second: SECOND,
  minute: MINUTE,
  hour: HOUR,
};

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** @throws HydrogenError bad_input */
export function parseUnit(unit: unknown, name: string): Unit {
  if (UNITS.includes(unit as Unit)) return unit as Unit;
  throw badInput(`"unit" of ${name} must be one of ${UNITS.join(', ')}.`);
}

/** The number of a weekday, 0 for Sunday; "monday", "Mon". @throws HydrogenError bad_input */
export function parseWeekday(day: unknown, name: string): number {
  const wanted = String(day).toLowerCase();
  const index = WEEKDAYS.findIndex((weekday) => weekday === wanted || weekday.slice(0, 3) === wanted);
  if (typeof day !== 'string' || index < 0)
    throw badInput(`"startOfWeek" of ${name} must be a day of the week.`);
  return index;
}

/** The wall-clock parts of an instant; month and day start at 1. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 for Sunday. */
  readonly weekday: number;
  /** Days since 1970-01-01. */
  readonly dayNumber: number;
}

export function localParts(utc: number, zone: Zone): DateParts {
  const local = toLocal(utc, zone);
  const date = new Date(local);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
    weekday: date.getUTCDay(),
    dayNumber: Math.floor(local / DAY),
  };
}

export function dayOfYear({ year, dayNumber }: DateParts): number {
  return dayNumber - utcMillis(year, 0, 1) / DAY + 1;
}

/** ISO 8601 year and week; weeks begin on Monday, and week 1 contains 4 January. */
export function isoWeek({ dayNumber, weekday }: DateParts): { year: number; week: number } {
  const thursday = dayNumber + 4 - (weekday === 0 ? 7 : weekday);
  const year = new Date(thursday * DAY).getUTCFullYear();
  return { year, week: Math.floor((thursday - utcMillis(year, 0, 1) / DAY) / 7) + 1 };
}

/** Week of the year, 0 to 53; weeks begin on Sunday, days before the first Sunday are in week 0. */
export function sundayWeek(parts: DateParts): number {
  return Math.floor((dayOfYear(parts) - 1 + 7 - parts.weekday) / 7);
}

/** Adds calendar units in local time; the day is clamped to the length of the month. */
export function addUnits(utc: number, unit: Unit, amount: number, zone: Zone): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) return utc + amount * fixed;
  const local = toLocal(utc, zone);
  if (unit === 'day' || unit === 'week') {
    return fromLocal(local + amount * (unit === 'week' ? 7 : 1) * DAY, zone);
  }
  const date = new Date(local);
  const months = amount * (unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(month / 12);
  const lastDay = new Date(utcMillis(year, (((month % 12) + 12) % 12) + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const time = local - Math.floor(local / DAY) * DAY;
  return fromLocal(utcMillis(year, ((month % 12) + 12) % 12, day) + time, zone);
}

/** How many boundaries of the unit lie between two instants, negative when `end` is earlier. */
export function countBoundaries(
  start: number,
  end: number,
  unit: Unit,
  zone: Zone,
  weekStart: number,
): number {
  switch (unit) {
    case 'millisecond':
      return end - start;
    case 'second':
    case 'minute':
      return Math.floor(end / (FIXED[unit] ?? 1)) - Math.floor(start / (FIXED[unit] ?? 1));
    case 'hour':
      return countHours(start, end, zone);
    default:
      break;
  }
  const a = localParts(start, zone);
  const b = localParts(end, zone);
  switch (unit) {
    case 'day':
      return b.dayNumber - a.dayNumber;
    case 'week':
      return weekNumber(b.dayNumber, weekStart) - weekNumber(a.dayNumber, weekStart);
    case 'month':
      return (b.year - a.year) * 12 + b.month - a.month;
    case 'quarter':
      return (b.year - a.year) * 4 + quarter(b) - quarter(a);
    default:
      return b.year - a.year;
  }
}

// In zones with a half-hour offset, hours begin at half past the UTC hour.
function countHours(start: number, end: number, zone: Zone): number {
  const shift = zone.offsetAt(start) % HOUR;
  return Math.floor((end + shift) / HOUR) - Math.floor((start + shift) / HOUR);
}

const quarter = (parts: DateParts): number => Math.floor((parts.month - 1) / 3);
// 1970-01-04 was a Sunday.
const weekNumber = (dayNumber: number, weekStart: number): number =>
  Math.floor((dayNumber - 3 - weekStart) / 7);

const REFERENCE_DAY = utcMillis(2000, 0, 1) / DAY;

/** The start of the bin of `size` units that contains the instant; bins are counted from 2000-01-01. */
export function truncate(utc: number, unit: Unit, size: number, zone: Zone, weekStart: number): number {
  const fixed = FIXED[unit];
  if (fixed !== undefined) {
    const reference = fromLocal(REFERENCE_DAY * DAY, zone);
    const bin = fixed * size;
    // Daylight saving time does not shift bins of hours or less.
    return reference + Math.floor((utc - reference) / bin) * bin;
  }
  const parts = localParts(utc, zone);
  if (unit === 'day' || unit === 'week') {
    const days = unit === 'week' ? 7 * size : size;
    const reference = unit === 'week' ? firstWeekday(weekStart) : REFERENCE_DAY;
    return fromLocal((reference + Math.floor((parts.dayNumber - reference) / days) * days) * DAY, zone);
  }
  const months = size * (unit === 'year' ? 12 : unit === 'quarter' ? 3 : 1);
  const since = (parts.year - 2000) * 12 + parts.month - 1;
  const start = Math.floor(since / months) * months;
  return fromLocal(utcMillis(2000 + Math.floor(start / 12), ((start % 12) + 12) % 12, 1), zone);
}

// The first such weekday on or after 2000-01-01, a Saturday.
function firstWeekday(weekStart: number): number {
  return REFERENCE_DAY + ((weekStart - 6 + 7) % 7);
}
