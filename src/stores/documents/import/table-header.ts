import { cellText, type TableCell } from '../../../tables/cells.ts';
import { headerIndex, isNameless, isShifted, linesNamed } from '../../../tables/header.ts';
import { sheetHeaderIndex } from '../../../tables/sheet-header.ts';
import type { Table, TableRow } from './table.ts';

export const isFilled = (cell: TableCell | undefined): cell is TableCell => cell !== undefined && cell !== '';
const textsOf = ({ cells }: TableRow): string[] => cells.map(cellText);

/** What the first rows say about the columns. */
export interface Header {
  /** How many rows there are before the data. */
  readonly rows: number;
  readonly cells: readonly string[];
  readonly notes: readonly string[];
}

/** Whether a first row cannot name the columns. */
function holdsValues(row: TableRow | undefined, isTyped: boolean): boolean {
  if (row === undefined || (isTyped && row.cells.some((cell) => isFilled(cell) && typeof cell === 'string')))
    return false;
  return isNameless(textsOf(row));
}

export function headerOf({ sample, unit, isTyped }: Table, requested: boolean | undefined): Header {
  const rows = sample.map((row) => ({
    ...row,
    cells: textsOf(row),
    lines: [row.at, row.at] as const,
    stray: undefined,
  }));
  const index =
    requested === false
      ? 0
      : isTyped
        ? Math.max(0, sheetHeaderIndex(sample.map(({ cells }) => cells)))
        : headerIndex(rows);
  const first = rows[index];
  if (first === undefined) return { rows: 0, cells: [], notes: [] };
  const lines = linesNamed(rows.slice(0, index).map(({ lines }) => lines[0])).replace('line', unit);
  const notes = index > 0 ? [`remarks above the header, left out: ${lines}`] : [];
  if (requested === false || (requested === undefined && holdsValues(sample[index], isTyped))) {
    const note = 'the first row holds values, not names: all are data (--header takes it for names)';
    return { rows: index, cells: [], notes: requested === false ? notes : [...notes, note] };
  }
  if (isTyped || !isShifted(first.cells.length, rows.slice(index + 1)))
    return { rows: index + 1, cells: first.cells, notes };
  const note = 'rows have one cell more than the header: the first column has no name';
  return { rows: index + 1, cells: ['', ...first.cells], notes: [...notes, note] };
}
