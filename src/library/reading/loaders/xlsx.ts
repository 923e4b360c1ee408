import type { CellValue, Row } from 'read-excel-file/node';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { coreProperties } from './office.ts';
import { rowText } from './rows.ts';
import { createWriter, type Writer } from './writer.ts';
import { openArchive } from './zip.ts';

function cellText(value: CellValue | Date | null): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, '');
  return String(value).replace(/\s+/g, ' ').trim();
}

/**
 * The row with the column names: the first with about as many cells as the rows below, all text. Rows above it are
 * titles and remarks.
 */
function headerOf(rows: readonly (readonly string[])[], isText: (row: number) => boolean): number {
  const filled = rows.slice(0, 30).map((row) => row.filter((cell) => cell !== '').length);
  const widest = Math.max(0, ...filled);
  if (widest < 2) return -1;
  const first = filled.findIndex((count) => count >= Math.max(2, widest / 2));
  return first >= 0 && isText(first) && first < rows.length - 1 ? first : -1;
}

function writeSheet(sheet: string, data: readonly Row[], writer: Writer): void {
  const rows = data.map((row) => row.map(cellText));
  if (rows.every((row) => row.every((cell) => cell === ''))) return;
  const header = headerOf(rows, (row) =>
    (data[row] ?? []).every((cell) => cell === null || typeof cell === 'string'),
  );
  const columns = rows[header] ?? [];
  writer.heading(1, sheet);
  for (const [i, cells] of rows.entries()) {
    const number = i + 1;
    const isTable = header >= 0 && i > header;
    const text = isTable ? rowText(columns, cells) : cells.filter((cell) => cell !== '').join(' | ');
    // The column names are repeated in every row.
    if (text === '' || i === header) continue;
    writer.block([text], { rows: true, tight: true, place: { sheet, rows: [number, number] } });
  }
}

/** XLSX: every row of every sheet with its column names, using the last calculated values. */
export async function loadXlsx(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  if (!archive.names.includes('xl/workbook.xml')) throw new Unreadable('damaged: no xl/workbook.xml');
  await archive.check((part) => part.endsWith('.xml') || part.endsWith('.rels'));
  const { default: readXlsxFile } = await import('read-excel-file/node');
  const sheets = await readXlsxFile(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).catch(
    () => {
      throw new Unreadable('damaged: not a valid XLSX');
    },
  );
  const writer = createWriter();
  for (const { sheet, data } of sheets) writeSheet(sheet, data, writer);
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await coreProperties(archive);
  return {
    title: title ?? name,
    text,
    metadata: { ...metadata, sheets: sheets.map(({ sheet }) => sheet) },
    blocks,
  };
}
