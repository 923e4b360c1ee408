import type { TableCell } from './cells.ts';

/** Rows in which the header is looked for. */
const maxRows = 30;

type Cells = readonly (TableCell | undefined)[];

const isFilled = (cell: TableCell | undefined): cell is TableCell =>
  cell !== undefined && (typeof cell !== 'string' || cell.trim() !== '');

/** How many cells hold something. */
export function filledCells(cells: Cells): number {
  let count = 0;
  for (const cell of cells) if (isFilled(cell)) count++;
  return count;
}

/**
 * The index of the row of a sheet that names its columns: the first one with at least half as many cells as the widest,
 * if all of them are text; -1 where there is none. Rows above it are titles and remarks. Numbers and dates in a sheet have
 * types of their own, and name nothing.
 */
export function sheetHeaderIndex(rows: readonly Cells[]): number {
  const filled = rows.slice(0, maxRows).map(filledCells);
  const widest = Math.max(0, ...filled);
  if (widest < 2) return -1;
  const first = filled.findIndex((count) => count >= Math.max(2, widest / 2));
  const isText = rows[first]?.every((cell) => !isFilled(cell) || typeof cell === 'string');
  return isText === true ? first : -1;
}
