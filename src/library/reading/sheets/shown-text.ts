import { format } from 'numfmt';
import { cellText } from '../../../tables/cells.ts';
import { tidy } from '../../../tidy.ts';
import { clockText } from './clock-text.ts';
import { type CellFormat, formatted } from './number-format.ts';

// What a sheet shows in its cells. Dates are written as they can be compared, since programs show the usual ones in the
// order of their own country.

/** What a cell shows, where that is not its value as text. */
export type ShownText = (value: number | string) => string | undefined;

/** The text by a format, or undefined where it shows nothing, or cannot show the value. */
function textBy(code: string, value: number | string): string | undefined {
  try {
    const text = tidy(format(code, value, { locale: 'en', throws: true }));
    return text === '' || /^#+$/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** A format without what is quoted in it, its conditions and colours. */
const bareOf = (code: string): string =>
  (
    code
      .replace(/"[^"]*"?/g, '')
      .replace(/\\.|_.|\*./g, '')
      .split(';')[0] ?? ''
  ).replace(/\[(?![hms]+\])[^\]]*\]/gi, '');

/** German, French and other programs write days and years in their language, in files that others wrote for them. */
const inEnglish = (code: string): string =>
  /[jJ]/.test(bareOf(code)) ? code.replace(/[tT]/g, 'd').replace(/[jJ]/g, 'y') : code;

const secondMs = 1_000;
const minuteMs = 60_000;

/** A moment without what its format does not show. */
function shownMoment(moment: Date, bare: string): Date {
  const ms =
    Math.round(moment.getTime() / (/s[.,]0/i.test(bare) ? 1 : secondMs)) *
    (/s[.,]0/i.test(bare) ? 1 : secondMs);
  if (!/h/i.test(bare)) return new Date(Math.floor(ms / (24 * 60 * minuteMs)) * 24 * 60 * minuteMs);
  return new Date(/s/i.test(bare) ? ms : Math.floor(ms / minuteMs) * minuteMs);
}

/** Dates and times, first as they are shown where that says more than digits do. */
function momentText(
  code: string,
  bare: string,
  value: number,
  since1904: boolean,
  kind: CellFormat['kind'],
): string | undefined {
  const found = formatted(value, kind, since1904);
  if (!(found instanceof Date)) {
    if (typeof found !== 'string') return undefined;
    const time = clockText(Math.round(value * 86_400) * secondMs).replace(
      /^2[4-9](?=:)/,
      kind === 'duration' ? '$&' : '00',
    );
    const plain = /s[.,]0/i.test(bare) ? found : time;
    const shown = /(am|a)\/(pm|p)/i.test(bare) ? textBy(code, value) : undefined;
    return shown === undefined ? plain : `${shown} (${plain})`;
  }
  const plain = cellText(shownMoment(found, bare));
  const months = /m+(?![^h]*s)/i.test(bare.replace(/h+[^a-z]*m+|m+[^a-z]*s+/gi, ''));
  const isUsual = !/m{3}|d{3}|g|e|am\/pm|a\/p/i.test(bare) && /y/i.test(bare) && /d/i.test(bare) && months;
  if (isUsual || since1904) return plain;
  const shown = textBy(code, value);
  if (shown === undefined) return plain;
  const isWhole = /d/i.test(bare) || /h/i.test(bare);
  return isWhole && shown !== plain ? `${shown} (${plain})` : shown;
}

/** A number without a format, with the digits that a sheet keeps. */
function generalText(value: number | string): string | undefined {
  if (typeof value === 'string' || Number.isInteger(value)) return undefined;
  const text = String(Number(value.toPrecision(15)));
  return text === String(value) ? undefined : text;
}

/** What cells of a format show. */
export function shownTexts({ code, kind }: CellFormat, since1904: boolean): ShownText {
  if (code === undefined || /^(general|standard|@)?$/i.test(code)) return generalText;
  const english = kind === 'number' ? code : inEnglish(code);
  const bare = bareOf(english);
  return (value) => {
    if (typeof value === 'string') return code.includes('@') ? textBy(code, value) : undefined;
    if (kind === 'number') return textBy(code, value) ?? generalText(value);
    return momentText(english, bare, value, since1904, kind);
  };
}
