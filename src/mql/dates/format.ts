import { badInput } from '../../errors.ts';
import { type DateParts, dayOfYear, isoWeek, localParts, MINUTE, sundayWeek } from './calendar.ts';
import type { Zone } from './zones.ts';

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

type Part = (parts: DateParts, offset: number) => string;

const SPECIFIERS: { readonly [letter: string]: Part } = {
  '%': () => '%',
  Y: ({ year }) => {
    if (year < 0 || year > 9999) throw badInput(`The year ${year} cannot be written with %Y (0 to 9999).`);
    return pad(year, 4);
  },
  m: ({ month }) => pad(month, 2),
  d: ({ day }) => pad(day, 2),
  H: ({ hour }) => pad(hour, 2),
  M: ({ minute }) => pad(minute, 2),
  S: ({ second }) => pad(second, 2),
  L: ({ millisecond }) => pad(millisecond, 3),
  j: (parts) => pad(dayOfYear(parts), 3),
  w: ({ weekday }) => String(weekday + 1),
  u: ({ weekday }) => String(weekday === 0 ? 7 : weekday),
  U: (parts) => pad(sundayWeek(parts), 2),
  V: (parts) => pad(isoWeek(parts).week, 2),
  G: (parts) => pad(isoWeek(parts).year, 4),
  b: ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3),
  B: ({ month }) => MONTHS[month - 1] ?? '',
  z: (_parts, offset) => {
    const minutes = Math.abs(Math.round(offset / MINUTE));
    return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${pad(minutes % 60, 2)}`;
  },
  Z: (_parts, offset) => String(Math.round(offset / MINUTE)),
};

const cache = new Map<string, (string | Part)[]>();

/** Splits a format into literal text and parts. @throws HydrogenError bad_input for an unknown specifier */
export function parseFormat(format: string): readonly (string | Part)[] {
  const known = cache.get(format);
  if (known !== undefined) return known;
  const pieces: (string | Part)[] = [];
  for (let i = 0; i < format.length; i++) {
    if (format[i] !== '%') {
      pieces.push(format[i] as string);
      continue;
    }
    const letter = format[++i] ?? '';
    const part = Object.hasOwn(SPECIFIERS, letter) ? SPECIFIERS[letter] : undefined;
    if (part === undefined) throw badInput(`"%${letter}" is not a part of a date format.`);
    pieces.push(part);
  }
  if (cache.size > 200) cache.clear();
  cache.set(format, pieces);
  return pieces;
}

/** Formats an instant with MongoDB's format specifiers (%Y %m %d %H %M %S %L %j %u %V %G %U %b %B %z %Z %%). */
export function formatDate(utc: number, format: string, zone: Zone): string {
  const parts = localParts(utc, zone);
  const offset = zone.offsetAt(utc);
  return parseFormat(format)
    .map((piece) => (typeof piece === 'string' ? piece : piece(parts, offset)))
    .join('');
}
