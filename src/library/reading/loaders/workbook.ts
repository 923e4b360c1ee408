import { readWorkbook } from '../sheets/read-workbook.ts';
import type { CellNote, CellRange, SheetContent, SheetRow } from '../sheets/sheet.ts';
import { shownTexts } from '../sheets/shown-text.ts';
import { leftOutRemark, pictureRemark } from './left-out.ts';
import type { LoadedDocument } from './loader.ts';
import { coreProperties } from './office/package.ts';
import { openOpenDocument } from './open-document/flat.ts';
import { openProperties } from './open-document/properties.ts';
import { columnNamer, rowText } from './rows.ts';
import { rowTexts, type SheetTable, sheetTables } from './sheet-tables.ts';
import { createWriter, type Writer } from './writer.ts';

/** Notes by the row and column of their cell; what is written is taken out. */
type Notes = Map<number, Map<number, string[]>>;

function notesByCell(notes: readonly CellNote[]): Notes {
  const found: Notes = new Map();
  for (const { row, column, text } of notes) {
    const inRow = found.get(row + 1) ?? new Map<number, string[]>();
    found.set(row + 1, inRow);
    inRow.set(column, [...(inRow.get(column) ?? []), text]);
  }
  return found;
}

/** A cell with its notes behind it; the target of a link that is its text is there already. */
const withNotes = (text: string, notes: readonly string[]): string =>
  [
    text,
    ...notes
      .filter((note) => !text.includes(note))
      .map((note) => (note.startsWith('[') || text === '' ? note : `(${note})`)),
  ]
    .filter((part) => part !== '')
    .join(' ');

/** Longest range of merged rows that is looked at. */
const maxMergedRows = 1_000;

/** Ranges that are merged over columns, by the rows that they are in. */
function mergedByRow(merged: readonly CellRange[]): ReadonlyMap<number, readonly CellRange[]> {
  const found = new Map<number, CellRange[]>();
  for (const range of merged) {
    const { from, to } = range;
    if (to[1] === from[1] || to[0] - from[0] > maxMergedRows) continue;
    for (let row = from[0] + 1; row <= to[0] + 1; row++) {
      const inRow = found.get(row);
      if (inRow) inRow.push(range);
      else found.set(row, [range]);
    }
  }
  return found;
}

/** The sheet that is being written. */
interface OpenSheet {
  readonly name: string;
  readonly notes: Notes;
  readonly merged: ReadonlyMap<number, readonly CellRange[]>;
  readonly writer: Writer;
}

/** The texts of a row with its notes. What is merged over columns stands in each of them, up to the last. */
function textsOf(row: SheetRow, { notes, merged }: OpenSheet, width = 0): string[] {
  const texts = rowTexts(row);
  for (const { from, to } of merged.get(row.row) ?? []) {
    const value = texts[from[1]] ?? '';
    for (let column = from[1] + 1; column <= Math.min(to[1], width - 1); column++) {
      texts[column] = texts[column] || value;
    }
  }
  const inRow = notes.get(row.row);
  if (inRow === undefined) return texts;
  for (const [column, added] of inRow) {
    while (texts.length < column) texts.push('');
    texts[column] = withNotes(texts[column] ?? '', added);
  }
  notes.delete(row.row);
  return texts;
}

function writeRow(row: SheetRow, text: string, { name, writer }: OpenSheet): void {
  if (text === '') return;
  writer.block([text], { rows: true, tight: true, place: { sheet: name, rows: [row.row, row.row] } });
}

const plainText = (texts: readonly string[]): string => texts.filter((text) => text !== '').join(' | ');

/** Whether a row is one text that is merged over the table: a title between its rows. */
const isTitle = (row: SheetRow, { merged }: OpenSheet): boolean =>
  merged.has(row.row) && row.cells.filter((cell) => cell !== undefined).length === 1;

function pairText(texts: readonly string[]): string {
  const [label = '', ...values] = texts.filter((text) => text !== '');
  return values.length === 0 ? label : `${label.replace(/\s*:$/, '')}: ${values.join(' ')}`;
}

/** Longest title above a table that is a heading. */
const maxTitle = 120;

/** What stands above the names of a table; a title is a heading where there are several tables. */
function writeAbove(rows: readonly SheetRow[], sheet: OpenSheet, isOneOfMany: boolean): void {
  sheet.writer.close(2);
  rows.forEach((row, i) => {
    const texts = textsOf(row, sheet);
    const text = plainText(texts);
    const isHeading = isOneOfMany && i === 0 && row.cells.filter((cell) => cell !== undefined).length === 1;
    if (isHeading && text.length <= maxTitle) sheet.writer.heading(2, text);
    else writeRow(row, text, sheet);
  });
}

/** Notes at the names of columns, which are repeated in every row without them. */
function writeHeaderNotes(rows: readonly SheetRow[], sheet: OpenSheet): void {
  for (const row of rows) {
    const texts = rowTexts(row);
    for (const [column, added] of sheet.notes.get(row.row) ?? [])
      writeRow(row, withNotes(texts[column] ?? '', added), sheet);
    sheet.notes.delete(row.row);
  }
}

/** Names of columns in which no row has a value: they would be in no row. */
function writeUnusedNames({ names, header, rows }: SheetTable, sheet: OpenSheet): void {
  const unused = new Set(names.keys().filter((column) => names[column] !== ''));
  for (const { row, cells } of rows) {
    if (unused.size === 0) return;
    const isCovered = (column: number): boolean =>
      (sheet.merged.get(row) ?? []).some(({ from, to }) => from[1] <= column && column <= to[1]);
    for (const column of unused) if ((cells[column] ?? '') !== '' || isCovered(column)) unused.delete(column);
  }
  const listed = [...unused].map((column) => names[column]).join('; ');
  const [first] = header;
  if (first && listed !== '') writeRow(first, `columns without values: ${listed}`, sheet);
}

function writeTable(table: SheetTable, sheet: OpenSheet, isOneOfMany: boolean): void {
  const { kind, names, above, header, rows } = table;
  writeAbove(above, sheet, isOneOfMany);
  writeHeaderNotes(header, sheet);
  if (kind === 'table') writeUnusedNames(table, sheet);
  const columns = columnNamer(names);
  for (const row of rows) {
    const isBetween = isTitle(row, sheet);
    const texts = textsOf(row, sheet, kind === 'table' && !isBetween ? names.length : 0);
    if (kind === 'pairs') writeRow(row, pairText(texts), sheet);
    else writeRow(row, kind === 'plain' || isBetween ? plainText(texts) : rowText(columns, texts), sheet);
  }
}

/** A column by its letters. */
function letters(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(65 + (column % 26));
}

function writeSheet(
  { name, rows, merged, aside }: SheetContent,
  tables: readonly SheetTable[],
  writer: Writer,
): void {
  const lines = aside?.lines ?? [];
  const notes = notesByCell(aside?.notes ?? []);
  if (rows.length === 0 && lines.length === 0 && notes.size === 0) return;
  writer.heading(1, name);
  const sheet: OpenSheet = { name, notes, merged: mergedByRow(merged), writer };
  for (const table of tables) writeTable(table, sheet, tables.length > 1);
  writer.close(2);
  const beside = [...notes].flatMap(([row, inRow]) =>
    [...inRow].map(([column, added]) => `${letters(column)}${row}: ${added.join(' ')}`),
  );
  writer.block([...beside, ...lines], { rows: true });
}

function remarksOn(sheets: readonly SheetContent[], hasMacros: boolean): string[] {
  const sum = (what: string): number =>
    sheets.reduce((total, { aside }) => total + (aside?.leftOut[what] ?? 0), 0);
  return [
    ...pictureRemark(sum('pictures')),
    ...leftOutRemark(sum('objects'), 'embedded object is not read', 'embedded objects are not read'),
    ...leftOutRemark(sum('controls'), 'form control is not read', 'form controls are not read'),
    ...(hasMacros ? ['its macros are not read'] : []),
  ];
}

async function load(bytes: Uint8Array, name: string, type: 'xlsx' | 'ods'): Promise<LoadedDocument> {
  const archive = await openOpenDocument(bytes);
  const sheets: readonly SheetContent[] = await readWorkbook(archive, type, { shown: shownTexts });
  const writer = createWriter();
  for (const sheet of sheets) writeSheet(sheet, sheetTables(sheet), writer);
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await (type === 'ods' ? openProperties(archive) : coreProperties(archive));
  const remarks = remarksOn(
    sheets,
    archive.names.some((part) => /vbaProject\.bin$/i.test(part)),
  );
  return {
    title: title ?? name,
    text,
    metadata: { ...metadata, sheets: sheets.map((sheet) => sheet.name) },
    blocks,
    ...(remarks.length > 0 && { remarks }),
  };
}

/** XLSX: every row of every sheet with its column names, using the last calculated values as the sheet shows them. */
export const loadXlsx = (bytes: Uint8Array, name: string): Promise<LoadedDocument> =>
  load(bytes, name, 'xlsx');

/** ODS: as XLSX. */
export const loadOds = (bytes: Uint8Array, name: string): Promise<LoadedDocument> => load(bytes, name, 'ods');
