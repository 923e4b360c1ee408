import { cellText } from '../../../tables/cells.ts';
import { filledCells } from '../../../tables/sheet-header.ts';
import { tidy } from '../../../tidy.ts';
import type { CellRange, SheetContent, SheetRow } from '../sheets/sheet.ts';
import { type HeaderRows, headerRowsOf, isFilled, isPairs, namesFrom } from './sheet-header-rows.ts';

// Where the tables of a sheet are. People put several below and beside each other, with titles above them.

export function rowTexts({ cells, shown }: SheetRow): string[] {
  const texts: string[] = [];
  for (let column = 0; column < cells.length; column++) {
    const cell = cells[column];
    if (cell === undefined) texts.push('');
    else texts.push(shown?.[column] ?? (typeof cell === 'string' ? tidy(cell) : cellText(cell)));
  }
  return texts;
}

/** A part of a sheet that is read as one: a table with names, labels with values, or rows as they are. */
export interface SheetTable {
  readonly kind: 'table' | 'pairs' | 'plain';
  /** By column. */
  readonly names: readonly string[];
  /** What stands above the names. */
  readonly above: readonly SheetRow[];
  readonly header: readonly SheetRow[];
  readonly rows: readonly SheetRow[];
}

/** Rows without an empty one between them; one that the sheet calls the header of a table begins another. */
function blocksOf(rows: readonly SheetRow[], heads: ReadonlySet<number>): SheetRow[][] {
  const blocks: SheetRow[][] = [];
  for (const row of rows) {
    const last = blocks.at(-1);
    if (last?.at(-1)?.row === row.row - 1 && !heads.has(row.row)) last.push(row);
    else blocks.push([row]);
  }
  return blocks;
}

const widthOf = (rows: readonly SheetRow[]): number =>
  rows.reduce((widest, row) => Math.max(widest, filledCells(row.cells)), 0);

/** Runs of columns that hold anything. */
function columnRuns(rows: readonly SheetRow[]): [from: number, to: number][] {
  const used: boolean[] = [];
  for (const { cells } of rows)
    cells.forEach((cell, column) => {
      if (used[column] !== true && isFilled(cell)) used[column] = true;
    });
  const runs: [number, number][] = [];
  used.forEach((_, column) => {
    const last = runs.at(-1);
    if (last && last[1] === column - 1) last[1] = column;
    else runs.push([column, column]);
  });
  return runs;
}

/** The rows with the cells of some columns, where they are. */
function withColumns(rows: readonly SheetRow[], [from, to]: readonly [number, number]): SheetRow[] {
  return rows.flatMap((row) => {
    const cells = row.cells.slice(0, to + 1).fill(undefined, 0, Math.min(from, row.cells.length));
    return cells.some(isFilled) ? [{ ...row, cells }] : [];
  });
}

/** Most columns that are looked at for tables beside each other. */
const maxRuns = 12;

/**
 * Tables beside each other, with an empty column between them. They are told from one table with columns for the eye by
 * rows of their own: they begin or end elsewhere, or their names are the same.
 */
function besideEachOther(block: readonly SheetRow[], merged: readonly CellRange[]): SheetRow[][] | undefined {
  const runs = columnRuns(block);
  if (runs.length < 2 || runs.length > maxRuns || runs.some(([from, to]) => from === to)) return undefined;
  const parts = runs.map((run) => withColumns(block, run));
  const heads = parts.map((rows) => {
    const header = headerRowsOf(rows, merged);
    return header && rows[header.first + header.count - 1];
  });
  if (!heads.every((row) => row !== undefined)) return undefined;
  const names = heads.flatMap((row) => row.cells.filter(isFilled).map(String));
  const extents = parts.map((rows) => `${rows[0]?.row} ${rows.at(-1)?.row}`);
  const isOne = new Set(extents).size === 1 && new Set(heads.map(({ row }) => row)).size === 1;
  return isOne && new Set(names).size === names.length ? undefined : parts;
}

function partsOf(
  rows: readonly SheetRow[],
  heads: ReadonlySet<number>,
  merged: readonly CellRange[],
): SheetRow[][] {
  return blocksOf(rows, heads).flatMap((block) => {
    const beside = besideEachOther(block, merged);
    return beside === undefined ? [block] : beside.flatMap((part) => partsOf(part, new Set(), merged));
  });
}

/** A table that is being put together. */
interface Open {
  readonly rows: SheetRow[];
  readonly header: HeaderRows | undefined;
  readonly isPairs: boolean;
  readonly width: number;
  /** Its first and last column. */
  readonly span: readonly [left: number, right: number];
}

const spanOf = (rows: readonly SheetRow[]): [left: number, right: number] =>
  rows.reduce<[number, number]>(
    ([left, right], { cells }) => [
      Math.min(left, cells.findIndex(isFilled)),
      Math.max(right, cells.findLastIndex(isFilled)),
    ],
    [2 ** 14, 0],
  );

const overlap = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]): boolean =>
  a <= d && c <= b;

/** Most rows of a title. */
const maxTitle = 3;

/** Texts in one cell each, which may be the title of what follows. */
const mayBeTitle = (block: readonly SheetRow[], width: number): boolean =>
  width === 1 &&
  block.length <= maxTitle &&
  block.every(({ cells }) => typeof cells.find(isFilled) === 'string');

/** The kinds of the values in columns, where they are all of one that is no text. */
function valueColumns(rows: readonly SheetRow[]): number[] {
  const sample = rows.slice(0, 50);
  const width = sample.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  return Array.from({ length: width }, (_, column) => column).filter((column) => {
    const values = sample.map(({ cells }) => cells[column]).filter(isFilled);
    return values.length > 0 && values.every((cell) => typeof cell !== 'string');
  });
}

/** Whether the first rows of a block name its columns, and do not go on with the table above. */
function hasOwnNames(
  block: readonly SheetRow[],
  header: HeaderRows,
  above: Open,
  heads: ReadonlySet<number>,
): boolean {
  const head = block[header.first + header.count - 1];
  if (head === undefined) return false;
  if (heads.has(head.row) || widthOf(block) !== above.width) return true;
  const below = block.slice(header.first + header.count);
  const isText = (column: number): boolean => typeof head.cells[column] === 'string';
  const aboveRows = above.header ? above.rows.slice(above.header.first + above.header.count) : above.rows;
  if (valueColumns(below).some(isText) || valueColumns(aboveRows).some(isText)) return true;
  if (head.isBold === true && below.every(({ isBold }) => isBold !== true)) return true;
  const other = above.header && above.rows[above.header.first];
  const names = other?.cells.filter(isFilled).map(String).join('\n');
  if (names === head.cells.filter(isFilled).map(String).join('\n')) return true;
  // Both have a title.
  return header.first > 0 && (above.header?.first ?? 0) > 0;
}

/** Whether a block is a table of its own below another one. */
function isOwnTable(
  block: readonly SheetRow[],
  { header, isPairs: pairs, width }: Pick<Open, 'header' | 'isPairs' | 'width'>,
  above: Open,
  heads: ReadonlySet<number>,
): boolean {
  if (pairs !== above.isPairs) return pairs ? block.length > 1 : width > 1;
  if (header === undefined) return false;
  return above.header === undefined ? width > 1 && above.width > 1 : hasOwnNames(block, header, above, heads);
}

/**
 * The tables of a sheet: what stands behind an empty row is one of its own if it has names of its own, and else goes on
 * under the names above. A title belongs to what follows.
 */
function openTables(rows: readonly SheetRow[], { merged }: SheetContent, heads: ReadonlySet<number>): Open[] {
  const tables: Open[] = [];
  let titles: SheetRow[] = [];
  for (const part of partsOf(rows, heads, merged)) {
    const width = widthOf(part);
    if (mayBeTitle(part, width)) {
      titles.push(...part);
      continue;
    }
    const block = [...titles, ...part];
    titles = [];
    const pairs = isPairs(part);
    const header = pairs ? undefined : headerRowsOf(block, merged);
    const span = spanOf(part);
    const above = tables.findLast((table) => overlap(table.span, span));
    const open = { rows: block, header, isPairs: pairs, width, span };
    if (above === undefined || isOwnTable(block, open, above, heads)) tables.push(open);
    else for (const row of block) above.rows.push(row);
  }
  if (titles.length > 0)
    tables.push({ rows: titles, header: undefined, isPairs: false, width: 1, span: spanOf(titles) });
  return tables;
}

/** Words of a cell from which on it is a text. */
const minProse = 4;

/** Whether two rows of labels with texts say something of the table below them: they look like a table of one row. */
function areRemarks(
  { rows, header, width }: Open,
  next: Open | undefined,
  heads: ReadonlySet<number>,
): boolean {
  const [head, second] = rows;
  if (!head || !second || rows.length > 2 || width !== 2 || header?.first !== 0) return false;
  if (next?.header === undefined || heads.has(head.row) || head.isBold === true) return false;
  const [label, text] = second.cells.filter(isFilled);
  const words = typeof text === 'string' ? text.split(/\s+/).length : 0;
  return typeof label === 'string' && words >= minProse;
}

export function sheetTables(sheet: SheetContent): SheetTable[] {
  const heads = new Set(sheet.aside?.tables.map(({ from: [row] }) => row + 1));
  return openTables(sheet.rows, sheet, heads).map((table, i, tables) => {
    const { rows, isPairs: pairs } = table;
    if (pairs || areRemarks(table, tables[i + 1], heads)) {
      const first = rows.findIndex(({ cells }) => filledCells(cells) > 1);
      return { kind: 'pairs', names: [], above: rows.slice(0, first), header: [], rows: rows.slice(first) };
    }
    const header = headerRowsOf(rows, sheet.merged);
    if (header === undefined) return { kind: 'plain', names: [], above: [], header: [], rows };
    const end = header.first + header.count;
    const head = rows.slice(header.first, end);
    return {
      kind: 'table',
      names: namesFrom(head.map(rowTexts)),
      above: rows.slice(0, header.first),
      header: head,
      rows: rows.slice(end),
    };
  });
}
