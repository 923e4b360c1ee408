import { cellText } from '../../../tables/cells.ts';
import { filledCells, sheetHeaderIndex } from '../../../tables/sheet-header.ts';
import { readWorkbook } from '../sheets/read-workbook.ts';
import type { SheetContent, SheetRow } from '../sheets/sheet.ts';
import type { LoadedDocument } from './loader.ts';
import { coreProperties } from './office/package.ts';
import { columnNamer, rowText } from './rows.ts';
import { createWriter, type Writer } from './writer.ts';
import { openArchive } from './zip.ts';

const textsOf = ({ cells }: SheetRow): string[] =>
  Array.from(cells, (cell) => (cell === undefined ? '' : cellText(cell).replace(/\s+/g, ' ').trim()));

/** The row with the column names; the last row names nothing. */
function headerOf(rows: readonly SheetRow[]): number {
  const index = sheetHeaderIndex(rows.map(({ cells }) => cells));
  return index < rows.length - 1 ? index : -1;
}

/** Rows without an empty one between them. */
function blocksOf(rows: readonly SheetRow[]): SheetRow[][] {
  const blocks: SheetRow[][] = [];
  for (const row of rows) {
    const last = blocks.at(-1);
    if (last?.at(-1)?.row === row.row - 1) last.push(row);
    else blocks.push([row]);
  }
  return blocks;
}

const widthOf = (rows: readonly SheetRow[]): number =>
  rows.reduce((widest, row) => Math.max(widest, filledCells(row.cells)), 0);

/**
 * The tables of a sheet: what stands behind an empty row is one of its own if it has names and another number of columns,
 * and else goes on under the names above.
 */
function tablesOf(rows: readonly SheetRow[]): SheetRow[][] {
  const tables: SheetRow[][] = [];
  let width = 0;
  for (const block of blocksOf(rows)) {
    const last = tables.at(-1);
    const isOwn =
      last === undefined || (headerOf(block) >= 0 && headerOf(last) >= 0 && widthOf(block) !== width);
    if (isOwn) tables.push([...block]);
    else for (const row of block) last.push(row);
    if (isOwn || width < 2) width = widthOf(block);
  }
  return tables;
}

function writeTable(sheet: string, rows: readonly SheetRow[], writer: Writer): void {
  const header = headerOf(rows);
  const names = rows[header];
  const columns = columnNamer(names === undefined ? [] : textsOf(names));
  for (const [i, row] of rows.entries()) {
    const cells = textsOf(row);
    const isTable = header >= 0 && i > header;
    const text = isTable ? rowText(columns, cells) : cells.filter((cell) => cell !== '').join(' | ');
    // The column names are repeated in every row.
    if (text === '' || i === header) continue;
    writer.block([text], { rows: true, tight: true, place: { sheet, rows: [row.row, row.row] } });
  }
}

async function load(bytes: Uint8Array, name: string, type: 'xlsx' | 'ods'): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const sheets: readonly SheetContent[] = await readWorkbook(archive, type);
  const writer = createWriter();
  for (const { name: sheet, rows } of sheets) {
    if (rows.length === 0) continue;
    writer.heading(1, sheet);
    for (const table of tablesOf(rows)) writeTable(sheet, table, writer);
  }
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await coreProperties(archive);
  return {
    title: title ?? name,
    text,
    metadata: { ...metadata, sheets: sheets.map((sheet) => sheet.name) },
    blocks,
  };
}

/** XLSX: every row of every sheet with its column names, using the last calculated values. */
export const loadXlsx = (bytes: Uint8Array, name: string): Promise<LoadedDocument> =>
  load(bytes, name, 'xlsx');

/** ODS: as XLSX. */
export const loadOds = (bytes: Uint8Array, name: string): Promise<LoadedDocument> => load(bytes, name, 'ods');
