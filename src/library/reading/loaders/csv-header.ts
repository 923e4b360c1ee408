import { usualWidth } from '../../../tables/dialect.ts';
import { filled, haveData, headerIndex, isNames, maxRemarks } from '../../../tables/header.ts';
import type { TextRow } from '../../../tables/rows.ts';
import { isData } from '../../../tables/value-forms.ts';

/** Words of a cell from which on it is a text, and names no column. */
const minProse = 4;

const isProse = (cell: string): boolean =>
  cell.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length >= minProse;

const isComment = ({ cells }: TextRow): boolean => cells[0]?.trimStart().startsWith('#') === true;

/** Columns in which all rows that have a value have a number or a date, and more than one has. */
function dataColumns(rows: readonly TextRow[], width: number): number[] {
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    const values = filled(rows.map(({ cells }) => cells[column] ?? ''));
    return values.length > 1 && values.every(isData);
  });
}

const areNames = ({ cells }: TextRow, width: number): boolean =>
  cells.length === width && isNames(cells) && !cells.some(isProse);

/** The row below comments which have as many cells as the table: where that names columns, and they do not. */
function belowComments(rows: readonly TextRow[], width: number): number {
  if (width < 2) return 0;
  const first = rows.findIndex((row) => !isComment(row));
  const [names, last] = [rows[first], rows[first - 1]];
  if (names === undefined || last === undefined || !areNames(names, width)) return 0;
  if (first > maxRemarks || rows.length === first + 1) return 0;
  const isText = isProse(last.cells[0] ?? '');
  const isSpoken =
    /^\s*#+\s/.test(last.cells[0] ?? '') && dataColumns(rows.slice(first + 1), width).length > 0;
  return isText || isSpoken ? first : 0;
}

/** Whether rows are a table of their own: names, and values below one of them. */
const isTable = ([head, ...rest]: readonly TextRow[]): boolean =>
  head !== undefined && isNames(head.cells) && rest.length > 0 && haveData(rest);

/** Whether rows say something of the table below: they end before a blank line, are labels with values, or are texts. */
function areRemarks(rows: readonly TextRow[], names: TextRow): boolean {
  const [, end = 0] = rows.at(-1)?.lines ?? [];
  if (rows.every(({ cells }) => /:\s*$/.test(cells[0] ?? ''))) return true;
  if (isTable(rows)) return false;
  return names.lines[0] - end > 1 || rows.some(({ cells }) => cells.some(isProse));
}

/** The row below others which have as many cells as the table: where it is names, and has values below. */
function belowRemarks(rows: readonly TextRow[], width: number): number {
  const last = Math.min(maxRemarks, Math.floor(rows.length / 2));
  for (let index = 1; index <= last; index++) {
    const names = rows[index];
    if (names === undefined || !areNames(names, width)) continue;
    const below = rows.slice(index + 1);
    if (below.length > 1 && dataColumns(below, width).length > 0 && areRemarks(rows.slice(0, index), names))
      return index;
  }
  return 0;
}

/** The row below single cells and shorter rows. */
function belowShorter(rows: readonly TextRow[], width: number): number {
  const header = rows.findIndex(({ cells }) => cells.length === width && isNames(cells));
  const [above, below] = [rows.slice(0, Math.max(0, header)), rows.slice(header + 1)];
  const [names, last] = [rows[header], above.at(-1)];
  if (names === undefined || last === undefined || header > Math.min(maxRemarks, below.length)) return 0;
  const isApart = names.lines[0] - last.lines[1] > 1;
  const isAbove = ({ cells }: TextRow): boolean =>
    filled(cells).length < 2 || (isApart && cells.length < width);
  return above.every(isAbove) && haveData(below) ? header : 0;
}

/**
 * The index of the row that names the columns, as an import finds it, and also where rows are shorter or longer than the
 * others, or as wide as the table and no part of it: an import then rather keeps to the first row, whose fields people
 * see; in a document each passage would carry a title in place of the names. Above the names stand single cells, comments,
 * shorter rows if a blank line follows them, and rows that say something of the table.
 */
export function documentHeaderIndex(rows: readonly TextRow[]): number {
  const { width } = usualWidth(rows);
  const sure = belowComments(rows, width) || headerIndex(rows);
  return sure > 0 || width < 2 ? sure : belowShorter(rows, width) || belowRemarks(rows, width);
}
