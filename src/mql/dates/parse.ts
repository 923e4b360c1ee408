import { badInput } from '../../errors.ts';
import { DAY } from './calendar.ts';
import { MONTHS } from './format.ts';
import { findZone, fromLocal, UTC, utcMillis, type Zone } from './zones.ts';

/** The fields parsed from a text; missing ones keep their defaults. */
interface Fields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  zone: Zone | undefined;
  isoYear?: number;
  isoWeek?: number;
  isoDay?: number;
  dayOfYear?: number;
}

const MONTH_WORD = '(jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\\.?';
const ORDINAL = '(\\d{1,2})(?:st|nd|rd|th)?';
const TIME =
  '(?:[T\\s]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?\\s*([ap]\\.?m\\.?)?)?\\s*(Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?|[A-Za-z]+\\/[A-Za-z_]+)?';

/** Order of the date fields in each shape: y year, m month, n name of a month, d day. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^([+-]?\\d{4})-(\\d{1,2})-(\\d{1,2})${TIME}$`, 'i'), 'ymd'],
  [new RegExp(`^(\\d{4})/(\\d{1,2})/(\\d{1,2})${TIME}$`, 'i'), 'ymd'],
  [new RegExp(`^(\\d{1,2})/(\\d{1,2})/(\\d{4})${TIME}$`, 'i'), 'mdy'],
  [new RegExp(`^(\\d{1,2})[-.](\\d{1,2})[-.](\\d{4})${TIME}$`, 'i'), 'dmy'],
  [new RegExp(`^(\\d{4})(\\d{2})(\\d{2})${TIME}$`, 'i'), 'ymd'],
  [new RegExp(`^${MONTH_WORD}\\s+${ORDINAL},?\\s+(\\d{4})${TIME}$`, 'i'), 'ndy'],
  [new RegExp(`^(?:[a-z]{3,9},?\\s+)?${ORDINAL}[\\s-]+${MONTH_WORD},?[\\s-]+(\\d{4})${TIME}$`, 'i'), 'dny'],
  [new RegExp(`^(\\d{4})-(\\d{1,2})()${TIME}$`, 'i'), 'ym_'],
];

/** C's form, with the year at the end: "Wed Jan 31 12:05:28 +03:30 1996". */
const YEAR_LAST =
  /^(?:[a-z]{3,9},?\s+)?([a-z]{3,9}\.?\s+\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?\s+(\d{4})$/i;

function blank(): Fields {
  return { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ms: 0, zone: undefined };
}

function fail(text: string, why: string): never {
  throw badInput(`Cannot read "${text}" as a date: ${why}.`);
}

/** Without the ASCII white space and null characters around it; MongoDB skips no others. */
function withoutBlanks(text: string): string {
  const isBlank = (at: number): boolean => '\0 \t\n\v\f\r\u00a0'.includes(text.charAt(at));
  let start = 0;
  let stop = text.length;
  while (start < stop && isBlank(start)) start++;
  while (stop > start && isBlank(stop - 1)) stop--;
  return text.slice(start, stop);
}

/**
 * Parses a date without a format: ISO 8601 and the common forms with slashes or month names.
 * @throws HydrogenError bad_input
 */
export function parseDate(text: string, zone: Zone | undefined): Date {
  const trimmed = withoutBlanks(text).replace(YEAR_LAST, '$1, $4 $2$3');
  for (const [shape, order] of SHAPES) {
    const match = shape.exec(trimmed);
    if (match === null) continue;
    const fields = blank();
    [...order].forEach((kind, i) => {
      const part = match[i + 1] ?? '';
      if (kind === 'y') fields.year = Number(part);
      else if (kind === 'm') fields.month = Number(part);
      else if (kind === 'd') fields.day = Number(part);
      else if (kind === 'n') fields.month = monthNumber(part);
    });
    readTime(match.slice(4), fields, text);
    return finish(fields, text, zone);
  }
  return fail(text, 'use ISO 8601, as in "2024-03-05T06:07:08Z", or give a format');
}

function monthNumber(word: string): number {
  return MONTHS.findIndex((month) => month.toLowerCase().startsWith(word.toLowerCase().slice(0, 3))) + 1;
}

function readTime(parts: (string | undefined)[], fields: Fields, text: string): void {
  const [hour, minute, second, fraction, half, zone] = parts;
  fields.hour = Number(hour ?? 0);
  fields.minute = Number(minute ?? 0);
  fields.second = Number(second ?? 0);
  fields.ms = Math.floor(Number(`0.${fraction ?? 0}`) * 1000 + 1e-6);
  if (half !== undefined) {
    if (fields.hour < 1 || fields.hour > 12) fail(text, 'the hour does not fit a.m. or p.m.');
    fields.hour = (fields.hour % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  if (zone !== undefined) fields.zone = findZone(zone.toUpperCase() === 'Z' ? 'UTC' : zone);
}

function finish(fields: Fields, text: string, zone: Zone | undefined): Date {
  if (fields.zone !== undefined && zone !== undefined && zone !== UTC) {
    fail(text, 'it names a time zone, so "timezone" cannot be set too');
  }
  const { hour, minute, second, ms, month, day } = fields;
  const lastDay = new Date(utcMillis(fields.year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > lastDay) fail(text, 'there is no such day');
  if (hour > 24 || minute > 59 || second > 59) fail(text, 'there is no such time');
  const time = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
  const local = dayOf(fields) * DAY + time;
  const effective = fields.zone ?? zone;
  const date = new Date(effective === undefined ? local : fromLocal(local, effective));
  if (Number.isNaN(date.getTime())) fail(text, 'it is out of range');
  return date;
}

function dayOf(fields: Fields): number {
  if (fields.isoYear !== undefined || fields.isoWeek !== undefined) {
    return isoDayNumber(fields.isoYear ?? 1970, fields.isoWeek ?? 1, fields.isoDay ?? 1);
  }
  // MongoDB 8.2 counts these days from 0, though %j writes them from 1.
  if (fields.dayOfYear !== undefined) return utcMillis(fields.year, 0, 1 + fields.dayOfYear) / DAY;
  return utcMillis(fields.year, fields.month - 1, fields.day) / DAY;
}

/** Days since 1970-01-01 of an ISO week date. */
export function isoDayNumber(year: number, week: number, day: number): number {
  const fourth = utcMillis(year, 0, 4) / DAY;
  const weekday = new Date(fourth * DAY).getUTCDay() || 7;
  return fourth - (weekday - 1) + (week - 1) * 7 + day - 1;
}

/** The pattern of a specifier, and how to read the matched text. */
type Specifier = readonly [pattern: string, read: (text: string) => Partial<Fields>];

const SPECIFIERS: { readonly [letter: string]: Specifier } = {
  Y: ['\\d{4}', (text) => ({ year: Number(text) })],
  m: ['\\d{1,2}', (text) => ({ month: Number(text) })],
  d: ['\\d{1,2}', (text) => ({ day: Number(text) })],
  H: ['\\d{1,2}', (text) => ({ hour: Number(text) })],
  M: ['\\d{1,2}', (text) => ({ minute: Number(text) })],
  S: ['\\d{1,2}', (text) => ({ second: Number(text) })],
  L: ['\\d{1,3}', (text) => ({ ms: Math.floor(Number(`0.${text}`) * 1000 + 1e-6) })],
  j: ['\\d{1,3}', (text) => ({ dayOfYear: Number(text) })],
  G: ['\\d{4}', (text) => ({ isoYear: Number(text) })],
  V: ['\\d{1,2}', (text) => ({ isoWeek: Number(text) })],
  u: ['[1-7]', (text) => ({ isoDay: Number(text) })],
  b: ['[A-Za-z]{3}', (text) => ({ month: monthNumber(text) })],
  B: ['[A-Za-z]{3,9}', (text) => ({ month: monthNumber(text) })],
  z: ['Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?', (text) => ({ zone: findZone(text === 'Z' ? 'UTC' : text) })],
  Z: [
    '[+-]?\\d{1,4}',
    (text) => {
      const offset = Number(text) * 60_000;
      return { zone: { offsetAt: () => offset } };
    },
  ],
};

// As in MongoDB, a missing time of day means midnight, but a missing date is an error.
function namesDay({ year, month, day, dayOfYear, isoYear, isoWeek }: Partial<Fields>): boolean {
  if (isoYear !== undefined || isoWeek !== undefined) return true;
  return year !== undefined && (dayOfYear !== undefined || (month !== undefined && day !== undefined));
}

/** Reads dates that are written in one format. */
export interface DateReader {
  /** Whether the format says the day. */
  readonly namesDay: boolean;
  /** Whether a text has the form; its day may still be one that no month has. */
  fits(text: string): boolean;
  /** @throws HydrogenError bad_input for a text that is no date of the format */
  read(text: string, zone: Zone | undefined): Date;
}

/**
 * What reads dates with MongoDB's format specifiers.
 * @throws HydrogenError bad_input for a specifier that is none
 */
export function dateReader(format: string): DateReader {
  const specifiers: Specifier[] = [];
  let letters = '';
  let pattern = '';
  for (let i = 0; i < format.length; i++) {
    const c = format[i] as string;
    const letter = c === '%' ? (format[++i] ?? '') : '';
    const specifier = Object.hasOwn(SPECIFIERS, letter) ? SPECIFIERS[letter] : undefined;
    if (specifier !== undefined) {
      pattern += `(${specifier[0]})`;
      specifiers.push(specifier);
      letters += letter;
    } else if (c === '%' && letter !== '%') {
      throw badInput(`"%${letter}" is not a part of a date format.`);
    } else pattern += c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  const whole = new RegExp(`^${pattern}$`);
  const parse = (texts: readonly string[]): Partial<Fields> =>
    Object.assign({}, ...specifiers.map(([, read], i) => read(texts[i] ?? '')));
  return {
    namesDay: /[GV]|^(?=.*Y)(?=.*(j|[mbB].*d|d.*[mbB]))/.test(letters),
    fits: (text) => whole.test(text),
    read(text, zone) {
      const match = whole.exec(text);
      if (match === null) return fail(text, `it does not follow the format "${format}"`);
      const parsed = parse(match.slice(1));
      if (!namesDay(parsed)) fail(text, `the format "${format}" names no day: it needs year, month and day`);
      return finish({ ...blank(), ...parsed }, text, zone);
    },
  };
}

/** Parses a date with MongoDB's format specifiers. @throws HydrogenError bad_input */
export function parseDateByFormat(text: string, format: string, zone: Zone | undefined): Date {
  return dateReader(format).read(text, zone);
}
