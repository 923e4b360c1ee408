import type { TableCell } from '../../../tables/cells.ts';

export interface SheetRow {
  /** Its number, from 1. */
  readonly row: number;
  /** By column; what is empty is missing, also between others. A time of day or a duration is text: `14:30`, `30:05`. */
  readonly cells: readonly (TableCell | undefined)[];
}

/** A sheet with its rows that hold anything. */
export interface SheetContent {
  readonly name: string;
  readonly rows: readonly SheetRow[];
  /** Merged cells over several rows had one value, which now stands in each of them. */
  readonly hasMerged: boolean;
}

/** Cells from the row and column of the first to those of the last, from 0. */
export interface CellRange {
  readonly from: readonly [row: number, column: number];
  readonly to: readonly [row: number, column: number];
}

const maxRows = 2 ** 20;
const maxColumns = 2 ** 14;

/** Collects the cells of a sheet. */
export interface SheetWriter {
  /** @param row from 0; what lies outside of any sheet is dropped */
  put(row: number, column: number, value: TableCell): void;
  /** @param merged ranges with one value, which stands in the first cell */
  content(merged: readonly CellRange[]): SheetContent;
}

export function createSheetWriter(name: string): SheetWriter {
  const rows = new Map<number, (TableCell | undefined)[]>();

  /** What is merged over rows holds for each of them; a title over columns is one cell. */
  function fillDown({ from: [first, column], to: [last] }: CellRange): boolean {
    const value = rows.get(first)?.[column];
    if (value === undefined || last <= first) return false;
    for (let row = first + 1; row <= last; row++) {
      const cells = rows.get(row);
      // A row without another cell is none.
      if (cells !== undefined) cells[column] ??= value;
    }
    return true;
  }

  return {
    put(row, column, value) {
      if (value === '' || row >= maxRows || column >= maxColumns) return;
      const cells = rows.get(row) ?? [];
      rows.set(row, cells);
      cells[column] = value;
    },
    content(merged) {
      const hasMerged = merged.map(fillDown).some((filled) => filled);
      const found = [...rows].sort(([a], [b]) => a - b).map(([row, cells]) => ({ row: row + 1, cells }));
      return { name, rows: found, hasMerged };
    },
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A time of day or a duration in words, without seconds that are none. */
export function clockText(milliseconds: number): string {
  const seconds = Math.round(milliseconds) / 1_000;
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const whole = Math.floor(rest);
  const fraction = Math.round((rest - whole) * 1_000);
  const end = whole === 0 && fraction === 0 ? '' : `:${two(whole)}`;
  return `${two(hours)}:${two(minutes)}${end}${fraction === 0 ? '' : `.${String(fraction).padStart(3, '0')}`}`;
}
