import type { TableCell } from '../../../tables/cells.ts';
import { filledCells, sheetHeaderIndex } from '../../../tables/sheet-header.ts';
import type { CellRange, SheetRow } from '../sheets/sheet.ts';

/** Rows in which a header is looked for, and those below it that are looked at. */
const maxSample = 30;

/** Which rows of a block name its columns: the first, and how many there are; undefined where none does. */
export interface HeaderRows {
  readonly first: number;
  readonly count: number;
}

type Cells = readonly (TableCell | undefined)[];

export const isFilled = (cell: TableCell | undefined): cell is TableCell =>
  cell !== undefined && (typeof cell !== 'string' || cell.trim() !== '');

const isText = (cell: TableCell | undefined): boolean => typeof cell === 'string';

const isYear = (cell: TableCell): boolean =>
  /^(19|20|21)\d\d$/.test(String(cell)) && (typeof cell === 'number' || typeof cell === 'string');

/** Whether a row counts: years or days, each later than the one before, or each earlier. */
function isSequence(cells: readonly TableCell[]): boolean {
  const areDates = cells.every((cell) => cell instanceof Date);
  if (cells.length < 2 || !(areDates || cells.every(isYear))) return false;
  const steps = cells.slice(1).map((cell, i) => Number(cell) - Number(cells[i]));
  return steps.every((step) => step > 0) || steps.every((step) => step < 0);
}

/** Whether a row names columns by years or days, behind texts at most. */
function isCounting(cells: Cells): boolean {
  const filled = cells.filter(isFilled);
  return isSequence(filled.filter((cell) => !isText(cell) || isYear(cell)));
}

const areTexts = (cells: Cells): boolean => cells.every((cell) => !isFilled(cell) || isText(cell));

/** Whether a row may name columns. */
const mayName = (cells: Cells): boolean => areTexts(cells) || isCounting(cells);

/** The row with the names of columns, or the last of them; -1 where there is none. */
function namingRow(rows: readonly SheetRow[]): number {
  const all = rows.map(({ cells }) => cells);
  const index = sheetHeaderIndex(all);
  if (index >= 0) return index;
  const filled = all.map(filledCells);
  const widest = Math.max(0, ...filled);
  const first = widest < 2 ? -1 : filled.findIndex((count) => count >= Math.max(2, widest / 2));
  const [cells, below] = [all[first], all[first + 1]];
  // A row like it below is one of many: a table of years.
  return cells && below && isCounting(cells) && !isCounting(below) ? first : -1;
}

/** Whether cells of a row are merged over columns, or with those of the next row. */
function isMergedHead({ row }: SheetRow, merged: readonly CellRange[]): boolean {
  return merged.some(
    ({ from: [first, left], to: [last, right] }) =>
      first === row - 1 && (right > left ? last === first : last > first && last - first < 3),
  );
}

/** Whether some column has a value of another kind than text. */
const hasValues = (rows: readonly SheetRow[], columns: readonly number[]): boolean =>
  rows.some(({ cells }) => columns.some((column) => isFilled(cells[column]) && !isText(cells[column])));

const columnsOf = (cells: Cells): number[] => [...cells.keys()].filter((column) => isFilled(cells[column]));

/** Whether a row names groups of the columns that the next one names. */
function isGroups(
  upper: SheetRow,
  lower: SheetRow,
  below: readonly SheetRow[],
  merged: readonly CellRange[],
): boolean {
  if (!mayName(upper.cells) || !areTexts(lower.cells) || filledCells(lower.cells) < 2) return false;
  if (upper.row + 1 !== lower.row || filledCells(upper.cells) < 1) return false;
  const columns = columnsOf(lower.cells);
  const gaps = columns.filter((column) => !isFilled(upper.cells[column]));
  if (isMergedHead(upper, merged))
    return gaps.length > 0 || columns.some((column) => upper.cells[column] === lower.cells[column]);
  const named = columnsOf(upper.cells).filter((column) => columns.includes(column));
  return filledCells(upper.cells) >= 2 && named.length > 0 && gaps.length > 0 && hasValues(below, columns);
}

/** The rows of a block that name its columns; its last row names nothing. */
export function headerRowsOf(
  block: readonly SheetRow[],
  merged: readonly CellRange[],
): HeaderRows | undefined {
  const rows = block.slice(0, maxSample);
  const found = namingRow(rows);
  let [first, last] = [found, found];
  if (found < 0) return undefined;
  const at = (index: number): SheetRow | undefined => rows[index];
  const groups = (index: number): boolean => {
    const [upper, lower] = [at(index), at(index + 1)];
    return (
      upper !== undefined && lower !== undefined && isGroups(upper, lower, rows.slice(index + 2), merged)
    );
  };
  while (last - first < 2 && groups(last)) last++;
  while (last - first < 2 && first > 0 && filledCells(at(first - 1)?.cells ?? []) > 1 && groups(first - 1))
    first--;
  return last < block.length - 1 ? { first, count: last - first + 1 } : undefined;
}

/** A name for each column: that of its group before its own. @param texts of the rows that name columns */
export function namesFrom(texts: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...texts.map((row) => row.length));
  const last = texts.length - 1;
  const rows = texts.map((row, i) => {
    if (i === last) return row;
    let group = '';
    return Array.from({ length: width }, (_, column) => {
      group = row[column] || group;
      // A group ends where nothing below it has a name.
      return (texts[last]?.[column] ?? '') === '' ? (row[column] ?? '') : group;
    });
  });
  return Array.from({ length: width }, (_, column) => {
    const parts = rows.map((row) => row[column] ?? '').filter((part) => part !== '');
    return parts.filter((part, i) => part !== parts[i - 1]).join(' ');
  });
}

/** What stands for a value that is not there. */
const placeholder = /^(n\/?a|k\.?\s?a\.?|tbd|tbc|none|null|nan|[-–—?.*x]+|#[\w/?!]+)$/i;

/** Most rows of labels with their values. */
const maxPairs = 80;

/** Whether a block is labels with a value beside each: its values are of several kinds, or its labels end with a colon. */
export function isPairs(rows: readonly SheetRow[]): boolean {
  // A title may stand above.
  const block = rows.slice(
    Math.max(
      0,
      rows.findIndex(({ cells }) => filledCells(cells) > 1),
    ),
  );
  if (block.length < 2 || block.length > maxPairs) return false;
  const used = new Set(block.flatMap(({ cells }) => columnsOf(cells)));
  if (used.size !== 2) return false;
  const [label = 0, value = 0] = [...used].sort((a, b) => a - b);
  const labels = block.map(({ cells }) => cells[label]);
  if (!labels.every((cell) => typeof cell === 'string' && cell.trim() !== '')) return false;
  if (new Set(labels).size < labels.length) return false;
  if (labels.filter((text) => /:\s*$/.test(String(text))).length > labels.length / 2) return true;
  const [head, second] = block;
  if (head?.isBold === true && second?.isBold !== true) return false;
  const values = block
    .slice(1)
    .map(({ cells }) => cells[value])
    .filter(isFilled);
  const texts = values.filter((cell) => typeof cell === 'string' && !placeholder.test(cell.trim()));
  const others = values.filter((cell) => typeof cell !== 'string');
  const isFirstValue = !isText(head?.cells[value]);
  if (isFirstValue) return values.length > 0 && texts.length > 0;
  return others.length > 0 && texts.length >= values.length / 4;
}
