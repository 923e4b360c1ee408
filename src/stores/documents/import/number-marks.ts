import { badInput } from '../../../errors.ts';

/** What stands before the fraction of a number. */
export type DecimalMark = '.' | ',';

/** How the numbers of a table are written. */
export interface NumberMarks {
  readonly decimal: DecimalMark;
  /** The decimal mark was told; a point is assumed otherwise. */
  readonly isTold: boolean;
  /** A number as JavaScript writes it; empty for one with marks that none may have. */
  plain(text: string): string;
}

/** A space may be any that stands between digits, and an apostrophe a typographic one: they look the same. */
const thousandsMarks: Readonly<Record<string, string>> = {
  '.': '\\.',
  ',': ',',
  ' ': '[ \\u00a0\\u202f]',
  '\u00a0': '[ \\u00a0\\u202f]',
  '\u202f': '[ \\u00a0\\u202f]',
  "'": "['\\u2019]",
  '\u2019': "['\\u2019]",
};

/**
 * The marks that were told. A mark of thousands is never guessed: `1.234` and `1,234` may both be one.
 * @throws HydrogenError `bad_input` for a mark of thousands that is none, or that is the decimal mark
 */
export function numberMarks(told: DecimalMark | undefined, thousands: string | undefined): NumberMarks {
  const mark = thousands === undefined ? undefined : thousandsMarks[thousands];
  if (thousands !== undefined && mark === undefined) {
    throw badInput(`--thousands takes ".", ",", "'" or a space, not "${thousands}".`);
  }
  if (told !== undefined && told === thousands) {
    throw badInput(`--thousands and --decimal are both "${told}": they have to differ.`);
  }
  const decimal = told ?? (thousands === '.' ? ',' : '.');
  const isTold = told !== undefined || thousands === '.' || thousands === ',';
  const groups = mark && new RegExp(`^[-+]?[1-9]\\d{0,2}(${mark}\\d{3})+(\\${decimal}\\d+)?$`);
  const marks = mark && new RegExp(mark, 'g');
  return {
    decimal,
    isTold,
    plain(text) {
      const ungrouped = groups && marks && groups.test(text) ? text.replace(marks, '') : text;
      if (decimal === '.') return ungrouped;
      return ungrouped.includes('.') ? '' : ungrouped.replace(',', '.');
    },
  };
}

/** A fraction after a comma, perhaps with points between thousands. */
const commaFraction = /^-?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+$/;
/** What may also be thousands with commas. */
const commaGroups = /^-?[1-9]\d{0,2}(,\d{3})+$/;
/** Points between thousands, or a fraction of three digits. */
const pointGroups = /^-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?$/;

/** Counts what the numbers of a column show about their marks. */
export function createMarkTally() {
  /** Numbers with a comma before the fraction, those among them that cannot be thousands, and groups after points. */
  let [commas, certain, groups] = [0, 0, 0];
  /** Other numbers with a point. */
  let points = 0;
  let first: string | undefined;
  let comma = '';
  return {
    add(text: string): void {
      const hasPoint = text.includes('.');
      if (hasPoint && pointGroups.test(text)) {
        groups++;
        first ??= text;
      } else if (hasPoint && /^-?\d*\.\d+$/.test(text)) points++;
      if (!commaFraction.test(text)) return;
      commas++;
      if (comma === '') comma = text;
      if (commaGroups.test(text)) return;
      if (certain++ === 0) comma = text;
    },
    get commas() {
      return commas;
    },
    /** The first number with a decimal comma, rather one that can have nothing else. */
    get comma() {
      return comma;
    },
    get groups() {
      return groups;
    },
    /** The first number with groups of three digits after points, unless others show that the point is decimal. */
    get group() {
      return points > 0 ? undefined : first;
    },
    /** Numbers with a decimal comma, and none with a decimal point. */
    get hasDecimalComma() {
      return certain > 0 && points === 0;
    },
  };
}
