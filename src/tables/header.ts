import { usualWidth } from './dialect.ts';
import type { TextRow } from './rows.ts';
import { isData } from './value-forms.ts';

/** Most lines before a header that are taken for remarks. */
export const maxRemarks = 20;

/** The cells that hold something. */
export const filled = (cells: readonly string[]): readonly string[] =>
  cells.filter((cell) => cell.trim() !== '');

/** Whether numbers name columns, as years do: whole, each once and a few in a row. */
function areYears(cells: readonly string[]): boolean {
  const years = cells.map(Number);
  return years.every((year) => Number.isInteger(year) && year >= 1000 && year < 3000);
}

/** Whether a first row holds values only, so that it cannot name the columns. */
export function isNameless(first: readonly string[]): boolean {
  const values = filled(first);
  return values.length > 1 && values.every(isData) && !areYears(values);
}

/** Whether a row names columns: each cell is filled with a text of its own. */
export function isNames(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() !== '' && !isData(cell)) && new Set(cells).size === cells.length;
}

/** Whether the rows below differ from the names: some cell is a value. */
export const haveData = (rows: readonly TextRow[]): boolean => rows.some(({ cells }) => cells.some(isData));

/**
 * The index of the row that names the columns: the first one, unless remarks that are certainly no part of the table are
 * above it. Those are rows with a single cell, or `#` comments, above a table whose rows all have the same width.
 * @param rows the beginning of a table
 */
export function headerIndex(rows: readonly TextRow[]): number {
  const { width } = usualWidth(rows);
  if (width < 2) return 0;
  const isComment = ({ cells }: TextRow): boolean =>
    cells[0]?.trimStart().startsWith('#') === true && cells.length !== width;
  const header = rows.findIndex((row) => !isComment(row) && filled(row.cells).length > 1);
  const names = rows[header];
  if (names === undefined || header === 0 || header > maxRemarks) return 0;
  const below = rows.slice(header + 1);
  const isTable = names.cells.length === width && below.every(({ cells }) => cells.length === width);
  const above = rows.slice(0, header);
  const isRemark = above.every((row) => isComment(row) || (row.cells.length === 1 && below.length > 0));
  if (isTable && isRemark) return header;
  // A spreadsheet program writes a title with the delimiters of the empty cells beside it.
  return isTable && isNames(names.cells) && haveData(below) ? header : 0;
}

/** Whether all rows have a cell more than the header, as a table of R with the names of its rows. */
export function isShifted(width: number, below: readonly Pick<TextRow, 'cells'>[]): boolean {
  return (
    width > 0 &&
    below.length > 1 &&
    below.every(({ cells }) => cells.length === width + 1) &&
    below.some(({ cells }) => (cells.at(-1) ?? '') !== '')
  );
}

/** What a column is called, and where its name does not stand in the header as it is. */
export interface ColumnNames {
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

/** Finds `name_2`, `name_3` … that are free: for each name it goes on where it stopped. */
export function freeNames(taken: ReadonlySet<string>): (name: string) => string {
  const counts = new Map<string, number>();
  return (name) => {
    let count = counts.get(name) ?? 2;
    while (taken.has(`${name}_${count}`)) count++;
    counts.set(name, count + 1);
    return `${name}_${count}`;
  };
}

/** Most names in a note. */
const maxNamed = 5;

/** A few of many in words. */
export function someOf(all: readonly string[], max = maxNamed): string {
  const more = all.length > max ? ` and ${(all.length - max).toLocaleString('en')} more` : '';
  return all.slice(0, max).join(', ') + more;
}

/**
 * Names for all columns: one without a name is `column_3`, by its place, and a repeated one `name_2`. Spaces around a
 * name, and line ends in it, are no part of it.
 * @param cells of the header; those that are missing have no name
 * @param width the number of columns
 */
export function nameColumns(cells: readonly string[], width: number): ColumnNames {
  const written = Array.from({ length: width }, (_, i) => (cells[i] ?? '').replace(/\s+/g, ' ').trim());
  const taken = new Set(written);
  const seen = new Set<string>();
  const firstFree = freeNames(taken);
  const [unnamed, repeated]: [string[], string[]] = [[], []];
  const names = written.map((name, i) => {
    if (name !== '' && !seen.has(name)) {
      seen.add(name);
      return name;
    }
    const place = `column_${i + 1}`;
    const chosen = name === '' && !taken.has(place) ? place : firstFree(name === '' ? place : name);
    taken.add(chosen);
    seen.add(chosen);
    if (name === '') unnamed.push(chosen);
    else repeated.push(chosen);
    return chosen;
  });
  const notes = [
    ...(unnamed.length > 0 ? [`columns without a name: ${someOf(unnamed)}`] : []),
    ...(repeated.length > 0 ? [`columns with the name of another: ${someOf(repeated)}`] : []),
  ];
  return { names, notes };
}

/** The first few of the lines on which something was found. */
export function linesNamed(lines: readonly number[], total = lines.length): string {
  const shown = lines.slice(0, maxNamed).map((line) => line.toLocaleString('en'));
  return `${total === 1 ? 'line' : 'lines'} ${shown.join(', ')}${total > shown.length ? ', …' : ''}`;
}
