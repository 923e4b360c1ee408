import type { TableCell } from '../../../tables/cells.ts';
import { clockText } from './clock-text.ts';

/** What a number format makes of a number. */
export type FormatKind = 'number' | 'date' | 'time' | 'duration';

/** The format of a cell: its code where the file or the standard has one. */
export interface CellFormat {
  readonly kind: FormatKind;
  readonly code: string | undefined;
}

/** The codes of formats that XLSX files name by a number alone (ECMA-376 part 1, 18.8.30). */
const builtInCodes: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  5: '"$"#,##0_);("$"#,##0)',
  6: '"$"#,##0_);("$"#,##0)',
  7: '"$"#,##0.00_);("$"#,##0.00)',
  8: '"$"#,##0.00_);("$"#,##0.00)',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  12: '# ?/?',
  13: '# ??/??',
  14: 'm/d/yyyy',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yyyy h:mm',
  37: '#,##0_);(#,##0)',
  38: '#,##0_);(#,##0)',
  39: '#,##0.00_);(#,##0.00)',
  40: '#,##0.00_);(#,##0.00)',
  41: '#,##0_);(#,##0)',
  42: '"$"#,##0_);("$"#,##0)',
  43: '#,##0.00_);(#,##0.00)',
  44: '"$"#,##0.00_);("$"#,##0.00)',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
  48: '##0.0E+0',
  49: '@',
};

/** The kinds of formats that XLSX files name by a number alone, those of East Asian Excel included. */
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

/** @param id its number, which tells a built-in one where there is no code */
export const cellFormat = (id: number, code: string | undefined): CellFormat => ({
  kind: formatKind(id, code),
  code: code ?? builtInCodes[id] ?? (formatKind(id, code) === 'date' ? 'yyyy/m/d' : undefined),
});

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
