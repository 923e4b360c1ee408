import type { TableCell } from '../../../tables/cells.ts';
import type { CellFormat } from './number-format.ts';

export interface SheetRow {
  /** Its number, from 1. */
  readonly row: number;
  /** By column; what is empty is missing, also between others. A time of day or a duration is text: `14:30`, `30:05`. */
  readonly cells: readonly (TableCell | undefined)[];
  /** By column, what the sheet shows where that is not the value as text: tidy, in one line. */
  readonly shown?: readonly (string | undefined)[];
  /** All its cells are bold, as those of a header are. */
  readonly isBold?: boolean;
}

/** What stands at a cell but is not its value: a comment, the target of a link. */
export interface CellNote {
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

/** What a sheet holds besides its cells. */
export interface SheetAside {
  readonly notes: readonly CellNote[];
  /** Texts of boxes, charts, headers and footers. */
  readonly lines: readonly string[];
  /** Ranges that the sheet itself calls tables, whose first row names the columns. */
  readonly tables: readonly CellRange[];
  /** What is not read, by its name in the plural. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** A sheet with its rows that hold anything. */
export interface SheetContent {
  readonly name: string;
  readonly rows: readonly SheetRow[];
  /** Merged cells over several rows had one value, which now stands in each of them. */
  readonly hasMerged: boolean;
  /** Cells that are merged, with their value in the first. */
  readonly merged: readonly CellRange[];
  /** Only for a document. */
  readonly aside?: SheetAside;
}

/** What a document wants to know of a workbook, and an import does not. */
export interface DocumentView {
  /** What cells of a format show; undefined where it is the value as text. */
  readonly shown: (format: CellFormat, since1904: boolean) => (value: number | string) => string | undefined;
}

/** Cells from the row and column of the first to those of the last, from 0. */
export interface CellRange {
  readonly from: readonly [row: number, column: number];
  readonly to: readonly [row: number, column: number];
}

const maxRows = 2 ** 20;
const maxColumns = 2 ** 14;

/** What a cell looks like. */
export interface CellLook {
  readonly shown?: string | undefined;
  readonly isBold?: boolean;
}

/** Collects the cells of a sheet. */
export interface SheetWriter {
  /** @param row from 0; what lies outside of any sheet is dropped */
  put(row: number, column: number, value: TableCell, look?: CellLook): void;
  /** Has a row stand so many times, with the cells that it has now. */
  repeat(row: number, times: number): void;
  /** @param merged ranges with one value, which stands in the first cell */
  content(merged: readonly CellRange[], aside?: SheetAside): SheetContent;
}

interface OpenRow {
  readonly cells: (TableCell | undefined)[];
  shown?: (string | undefined)[];
  isBold: boolean;
}

export function createSheetWriter(name: string): SheetWriter {
  const rows = new Map<number, OpenRow>();

  /** What is merged over rows holds for each of them; a title over columns is one cell. */
  function fillDown({ from: [first, column], to: [last] }: CellRange): boolean {
    const above = rows.get(first);
    const value = above?.cells[column];
    if (value === undefined || last <= first) return false;
    const shown = above?.shown?.[column];
    for (let row = first + 1; row <= last; row++) {
      const below = rows.get(row);
      // A row without another cell is none.
      if (below === undefined || below.cells[column] !== undefined) continue;
      below.cells[column] = value;
      if (shown === undefined) continue;
      below.shown ??= [];
      below.shown[column] = shown;
    }
    return true;
  }

  return {
    put(row, column, value, look) {
      if (value === '' || row >= maxRows || column >= maxColumns) return;
      let found = rows.get(row);
      if (found === undefined) {
        found = { cells: [], isBold: true };
        rows.set(row, found);
      }
      found.cells[column] = value;
      if (look?.isBold !== true) found.isBold = false;
      if (look?.shown === undefined) return;
      found.shown ??= [];
      found.shown[column] = look.shown;
    },
    repeat(row, times) {
      const found = rows.get(row);
      if (found === undefined) return;
      const { cells, shown, isBold } = found;
      for (let below = row + 1; below < Math.min(row + times, maxRows); below++)
        rows.set(below, { cells: cells.slice(), ...(shown && { shown: shown.slice() }), isBold });
    },
    content(merged, aside) {
      const hasMerged = merged.map(fillDown).some((filled) => filled);
      const found = [...rows]
        .sort(([a], [b]) => a - b)
        .map(([row, { cells, shown, isBold }]) => ({
          ...{ row: row + 1, cells },
          ...(shown && { shown }),
          ...(isBold && { isBold }),
        }));
      return { name, rows: found, hasMerged, merged, ...(aside && { aside }) };
    },
  };
}
