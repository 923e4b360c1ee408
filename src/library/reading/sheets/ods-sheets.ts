import type { TableCell } from '../../../tables/cells.ts';
import { Unreadable } from '../loaders/loader.ts';
import { scanXml, xmlText } from '../loaders/xml.ts';
import type { Archive } from '../loaders/zip.ts';
import { exactNumber } from './exact-number.ts';
import {
  type CellRange,
  clockText,
  createSheetWriter,
  type SheetContent,
  type SheetWriter,
} from './sheet.ts';

type Attributes = Readonly<Record<string, string>>;

/** Most cells that one repeated cell or row may stand for: rows up to the end of a sheet are empty, and cost nothing. */
const maxRepeated = 100_000;

/** Attributes by their names without a prefix, which writers choose. */
function localAttributes(attributes: Attributes): Attributes {
  const local: Record<string, string> = {};
  for (const name in attributes) local[name.slice(name.indexOf(':') + 1)] ??= attributes[name] ?? '';
  return local;
}

const countOf = (text: string | undefined): number => Math.max(1, Number.parseInt(text ?? '1', 10) || 1);

/** A duration such as `PT30H05M00S`, by which times are written, too. */
function timeText(value: string): string | undefined {
  const [whole, hours = '0', minutes = '0', seconds = '0'] =
    /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?$/.exec(value) ?? [];
  if (whole === undefined) return undefined;
  return clockText(
    (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'))) * 1_000,
  );
}

function dateOf(value: string): Date | undefined {
  const date = new Date(value.includes('T') && !/[zZ]|[+-]\d\d:\d\d$/.test(value) ? `${value}Z` : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function cellValue(attributes: Attributes, text: string): TableCell {
  const type = attributes['value-type'];
  const value = attributes['value'] ?? '';
  if ((type === 'float' || type === 'percentage' || type === 'currency') && value !== '') {
    return exactNumber(value) ?? text;
  }
  if (type === 'boolean') return attributes['boolean-value'] === 'true';
  if (type === 'date') return dateOf(attributes['date-value'] ?? '') ?? text;
  if (type === 'time') return timeText(attributes['time-value'] ?? '') ?? text;
  return attributes['string-value'] ?? text;
}

/** The sheet that is being read. */
interface OpenSheet {
  readonly writer: SheetWriter;
  readonly merged: CellRange[];
  row: number;
  column: number;
  /** How often the row is repeated, and its cells. */
  repeated: number;
  cells: { readonly column: number; readonly count: number; readonly value: TableCell }[];
}

function endRow(sheet: OpenSheet): void {
  const { writer, cells, row, repeated } = sheet;
  if (cells.length > 0) {
    const size = cells.reduce((sum, { count }) => sum + count, 0);
    if (size * repeated > maxRepeated) throw new Unreadable('too many repeated cells');
    for (let again = 0; again < repeated; again++) {
      for (const { column, count, value } of cells) {
        for (let i = 0; i < count; i++) writer.put(row + again, column + i, value);
      }
    }
  }
  sheet.row += repeated;
}

function endCell(sheet: OpenSheet, attributes: Attributes, text: string): void {
  const count = countOf(attributes['number-columns-repeated']);
  const value = cellValue(attributes, text);
  if (value !== '') sheet.cells.push({ column: sheet.column, count, value });
  const rows = countOf(attributes['number-rows-spanned']);
  if (rows > 1) {
    const { row, column } = sheet;
    sheet.merged.push({ from: [row, column], to: [Math.min(row + rows, 2 ** 20) - 1, column] });
  }
  sheet.column += count;
}

/**
 * The sheets of an ODS file in their order.
 * @throws Unreadable for a damaged one
 */
export async function odsSheets(archive: Archive): Promise<SheetContent[]> {
  const bytes = await archive.read('content.xml');
  if (bytes === undefined) throw new Unreadable('damaged: no content.xml');
  const sheets: SheetContent[] = [];
  let sheet: OpenSheet | undefined;
  let cell: Attributes | undefined;
  let text = '';
  let [paragraphs, noteDepth] = [0, 0];
  const open: Record<string, (attributes: Attributes) => void> = {
    table(attributes) {
      const name = attributes['name'] ?? '';
      sheet = { writer: createSheetWriter(name), merged: [], row: 0, column: 0, repeated: 1, cells: [] };
    },
    'table-row'(attributes) {
      if (!sheet) return;
      sheet.column = 0;
      sheet.cells = [];
      sheet.repeated = countOf(attributes['number-rows-repeated']);
    },
    'table-cell'(attributes) {
      [cell, text, paragraphs] = [attributes, '', 0];
    },
    'covered-table-cell'(attributes) {
      if (sheet) sheet.column += countOf(attributes['number-columns-repeated']);
    },
    annotation() {
      noteDepth++;
    },
    p() {
      if (noteDepth === 0 && paragraphs++ > 0) text += '\n';
    },
    s(attributes) {
      if (noteDepth === 0) text += ' '.repeat(Math.min(1_000, countOf(attributes['c'])));
    },
    tab() {
      if (noteDepth === 0) text += '\t';
    },
    'line-break'() {
      if (noteDepth === 0) text += '\n';
    },
  };
  const close: Record<string, () => void> = {
    table() {
      if (sheet) sheets.push(sheet.writer.content(sheet.merged));
      sheet = undefined;
    },
    'table-row'() {
      if (sheet) endRow(sheet);
    },
    'table-cell'() {
      if (sheet && cell) endCell(sheet, cell, text);
      cell = undefined;
    },
    annotation() {
      noteDepth--;
    },
  };
  const add = (part: string): void => {
    if (cell !== undefined && paragraphs > 0 && noteDepth === 0) text += part;
  };
  scanXml(xmlText(bytes), 'content.xml', {
    open(name, attributes) {
      if (Object.hasOwn(open, name)) open[name]?.(localAttributes(attributes()));
    },
    close(name) {
      if (Object.hasOwn(close, name)) close[name]?.();
    },
    text: add,
  });
  if (sheets.length === 0) throw new Unreadable('damaged: it has no sheet');
  return sheets;
}
