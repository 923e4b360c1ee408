import type { TableCell } from '../../../tables/cells.ts';
import { clockText } from './sheet.ts';

/** What a number format makes of a number. */
export type FormatKind = 'number' | 'date' | 'time' | 'duration';

/** Formats that XLSX files name by a number alone, those of East Asian Excel included. */
const builtIn: readonly (readonly [from: number, to: number, kind: FormatKind])[] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'date'],
  [27, 31, 'date'],
  [32, 33, 'time'],
  [34, 36, 'date'],
  [45, 47, 'duration'],
  [50, 58, 'date'],
];

/** The kind of a format by its code; German, French and other Excels write its letters in their language. */
function codeKind(code: string): FormatKind {
  const [section = ''] = code
    .replace(/"[^"]*"?/g, '')
    .replace(/\\.|_.|\*./g, '')
    .split(';');
  if (/\[(h+|m+|s+)\]/i.test(section)) return 'duration';
  const bare = section
    .replace(/\[[^\]]*\]/g, '')
    .replace(/general|standard|am\/pm|a\/p|e[+-]/gi, '')
    .replace(/s[.,]0+/gi, 's');
  if (/[#0?@]/.test(bare)) return 'number';
  if (/[ydjtagb年月日]/i.test(bare)) return 'date';
  if (/[hs]/i.test(bare)) return 'time';
  return /m/i.test(bare) ? 'date' : 'number';
}

export function formatKind(id: number, code: string | undefined): FormatKind {
  if (code !== undefined) return codeKind(code);
  return builtIn.find(([from, to]) => id >= from && id <= to)?.[2] ?? 'number';
}

const dayMs = 86_400_000;
/** Day 0 of the calendar that counts a 29th of February 1900, and of the one that old Macs used. */
const epoch1900 = Date.UTC(1899, 11, 30);
const epoch1904 = Date.UTC(1904, 0, 1);
/** The last day that there is in a sheet: 9999-12-31. */
const maxDays = 2_958_465;

/** A number of days as its format shows it. A double is a little off the second that was meant. */
export function formatted(value: number, kind: FormatKind, since1904: boolean): TableCell {
  if (kind === 'number' || value < 0 || value > maxDays) return value;
  const ms = Math.round(value * dayMs);
  if (kind === 'duration') return clockText(ms);
  // A time of day lies on no day.
  if (value < 1 && !since1904) return kind === 'time' || value > 0 ? clockText(ms % dayMs) : value;
  if (kind === 'time') return clockText(ms % dayMs);
  if (since1904) return new Date(epoch1904 + ms);
  return new Date(epoch1900 + ms + (value < 60 ? dayMs : 0));
}
