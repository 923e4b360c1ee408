import type { Dialect } from './quoted-rows.ts';
import { createRowReader, type TextRow } from './rows.ts';

/** What separates cells: what is in doubt is rather the first, since a comma is a part of text and numbers, too. */
const delimiters = ['\t', ';', '|', ','] as const;

/** Most rows that are looked at. */
const maxRows = 200;

/** The dialect of a text, and where its rows begin. */
export interface Sniffed {
  readonly dialect: Dialect;
  /** The index after a first line such as `sep=;`, which spreadsheet programs write; else 0. */
  readonly begin: number;
}

/** Rows of the beginning of a text; the last one of a part may not be whole. */
export function sampleRows(
  sample: string,
  isWhole: boolean,
  dialect: Dialect,
  firstLine = 1,
): readonly TextRow[] {
  const first = (isEnd: boolean) => {
    const [rows = []] = createRowReader(dialect, firstLine).read(sample, isEnd);
    return rows.slice(0, maxRows);
  };
  const rows = first(isWhole);
  // One row fills the sample: a part of it is better than nothing.
  return rows.length > 0 || isWhole ? rows : first(true);
}

/** The number of cells that most rows have, and how many of the rows have it. */
export function usualWidth(rows: readonly TextRow[]): { readonly width: number; readonly share: number } {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let [width, most] = [0, 0];
  for (const [length, count] of counts) {
    if (count > most || (count === most && length > width)) [width, most] = [length, count];
  }
  return { width, share: rows.length === 0 ? 0 : most / rows.length };
}

interface Fit {
  readonly delimiter: string;
  readonly width: number;
  readonly share: number;
  readonly rows: number;
}

function fitOf(sample: string, isWhole: boolean, delimiter: string, escapes: Dialect['escapes']): Fit {
  const rows = sampleRows(sample, isWhole, { delimiter, escapes, skipsSpace: false });
  return { delimiter, ...usualWidth(rows), rows: rows.length };
}

function delimiterOf(sample: string, isWhole: boolean, escapes: Dialect['escapes']): string | undefined {
  const candidates = delimiters.map((delimiter) => fitOf(sample, isWhole, delimiter, escapes));
  const dividing = candidates.filter(({ width }) => width > 1);
  const best = dividing.reduce<Fit | undefined>(
    (found, one) => (found === undefined || one.share > found.share ? one : found),
    undefined,
  );
  return best?.delimiter;
}

/** Whether quotation marks in cells stand behind a backslash, and never behind another mark. */
function escapeOf(sample: string): Dialect['escapes'] {
  const isBackslashed = /\\"(?![,;|\t\r\n"]|$)/.test(sample);
  return isBackslashed && !/[^,;|\t\r\n"\\]""(?!")|""[^,;|\t\r\n"]/.test(sample) ? 'backslash' : 'double';
}

const dividesAll = ({ width, share, rows }: Fit): boolean => rows > 1 && width > 1 && share === 1;

/**
 * Another delimiter that divides all rows of a text into the same number of cells, where the one that was told does not
 * divide the first. Whether it divides a later one: if none, a single column may be meant.
 */
export function fittingDelimiter(
  sample: string,
  isWhole: boolean,
  told: string,
): { readonly other: string; readonly dividesLater: boolean } | undefined {
  const escapes = escapeOf(sample);
  const rows = sampleRows(sample, isWhole, { delimiter: told, escapes, skipsSpace: false });
  const isDivided = ({ cells }: TextRow): boolean => cells.length > 1;
  if (rows.slice(0, 1).some(isDivided)) return undefined;
  const other = delimiters.find((one) => dividesAll(fitOf(sample, isWhole, one, escapes)));
  return other === undefined ? undefined : { other, dividesLater: rows.some(isDivided) };
}

/** Whether a space follows each delimiter. */
function spaceFollows(rows: readonly TextRow[]): boolean {
  const later = rows.flatMap(({ cells }) => cells.slice(1)).filter((cell) => cell !== '');
  return later.length > 0 && later.every((cell) => cell.startsWith(' ') && cell.trim() !== '');
}

/**
 * How a table is written, by the rows of its beginning: the delimiter is the one that divides most of them into the same
 * number of cells.
 * @param isWhole the sample is all of the text
 * @param usual the delimiter where none divides the rows
 * @param delimiter when it is known
 */
export function sniffDialect(sample: string, isWhole: boolean, usual = ',', delimiter?: string): Sniffed {
  const [line = '', told] = /^sep=([^\r\n"])(?:\r\n|\r|\n|$)/i.exec(sample) ?? [];
  const text = sample.slice(line.length);
  const escapes = escapeOf(text);
  const found = delimiter ?? told ?? delimiterOf(text, isWhole, escapes) ?? usual;
  const dialect = { delimiter: found, escapes, skipsSpace: false };
  const skipsSpace = found !== ' ' && spaceFollows(sampleRows(text, isWhole, dialect));
  return { dialect: { ...dialect, skipsSpace }, begin: line.length };
}
