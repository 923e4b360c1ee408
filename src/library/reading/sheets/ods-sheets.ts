import { cellText, type TableCell } from '../../../tables/cells.ts';
import { tidy } from '../../../tidy.ts';
import { Unreadable } from '../loaders/loader.ts';
import { scanElements, xmlText } from '../loaders/xml.ts';
import type { Archive } from '../loaders/zip.ts';
import { clockText } from './clock-text.ts';
import { exactNumber } from './exact-number.ts';
import { marginLinesOf, objectLines } from './ods-aside.ts';
import {
  type CellNote,
  type CellRange,
  createSheetWriter,
  type DocumentView,
  type SheetContent,
  type SheetWriter,
} from './sheet.ts';

type Attributes = Readonly<Record<string, string>>;

/** Most cells that one repeated cell or row may stand for: rows up to the end of a sheet are empty, and cost nothing. */
const maxRepeated = 100_000;

/** The attributes that are read, by the prefixes that most writers choose. */
const usualNames = (
  'office:value-type office:value office:boolean-value office:date-value office:time-value office:string-value ' +
  'table:name style:name table:style-name fo:font-weight xlink:href text:c table:number-columns-repeated ' +
  'table:number-rows-repeated table:number-columns-spanned table:number-rows-spanned'
).split(' ');

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1);

const usualByLocal = Map.groupBy(usualNames, withoutPrefix);

/** Attributes by their usual names, of a document whose writer chose other prefixes. */
function usualAttributes(attributes: Attributes): Attributes {
  const usual: Record<string, string> = {};
  for (const name in attributes)
    for (const known of usualByLocal.get(withoutPrefix(name)) ?? []) usual[known] ??= attributes[name] ?? '';
  return usual;
}

/** Where the namespaces of a document stand, characters. */
const rootLength = 10_000;

const openDocument = 'urn:oasis:names:tc:opendocument:xmlns';
const namespaces: Readonly<Record<string, string>> = {
  office: `${openDocument}:office:1.0`,
  table: `${openDocument}:table:1.0`,
  text: `${openDocument}:text:1.0`,
  style: `${openDocument}:style:1.0`,
  fo: `${openDocument}:xsl-fo-compatible:1.0`,
  xlink: 'http://www.w3.org/1999/xlink',
};

/** Whether a document has the usual prefixes, so that the attributes of its cells, most of the work, are as they are read. */
function hasUsualPrefixes(xml: string): boolean {
  const root = xml.slice(0, rootLength);
  return Object.entries(namespaces).every(
    ([prefix, uri]) => !root.includes(uri) || root.includes(`xmlns:${prefix}="${uri}"`),
  );
}

const countOf = (text: string | undefined): number =>
  text === undefined ? 1 : Math.max(1, Number.parseInt(text, 10) || 1);

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
  const type = attributes['office:value-type'];
  const value = attributes['office:value'] ?? '';
  if ((type === 'float' || type === 'percentage' || type === 'currency') && value !== '') {
    return exactNumber(value) ?? text;
  }
  if (type === 'boolean') return attributes['office:boolean-value'] === 'true';
  if (type === 'date') return dateOf(attributes['office:date-value'] ?? '') ?? text;
  if (type === 'time') return timeText(attributes['office:time-value'] ?? '') ?? text;
  return attributes['office:string-value'] || text;
}

const shownAsWritten = new Set(['float', 'percentage', 'currency', 'boolean']);

/** What the sheet shows in a cell, where it says more than the value: the file has it as text. */
function shownOf(attributes: Attributes, value: TableCell, text: string): string | undefined {
  const type = attributes['office:value-type'] ?? '';
  const isMoment = type === 'date' || type === 'time';
  if (!isMoment && !shownAsWritten.has(type)) return undefined;
  const shown = tidy(text);
  if (shown === '') return undefined;
  if (!isMoment) return shown;
  const plain = cellText(value);
  if (!/\p{L}/u.test(shown)) return plain;
  // A month or a year alone.
  return /^\P{N}*(\d{4}\P{N}*)?$/u.test(shown) ? shown : `${shown} (${plain})`;
}

/** The sheet that is being read. */
interface OpenSheet {
  readonly writer: SheetWriter;
  readonly merged: CellRange[];
  readonly notes: CellNote[];
  readonly lines: string[];
  readonly objects: string[];
  pictures: number;
  row: number;
  column: number;
  /** How often the row is repeated, and its cells that hold anything. */
  repeated: number;
  filled: number;
}

const openSheet = (name: string): OpenSheet => ({
  ...{ writer: createSheetWriter(name), merged: [], notes: [], lines: [], objects: [], pictures: 0 },
  ...{ row: 0, column: 0, repeated: 1, filled: 0 },
});

function endRow(sheet: OpenSheet): void {
  const { writer, row, repeated } = sheet;
  if (repeated > 1) writer.repeat(row, repeated);
  sheet.row += repeated;
}

function endCell(sheet: OpenSheet, attributes: Attributes, text: string, isBold: boolean): void {
  const count = countOf(attributes['table:number-columns-repeated']);
  const value = cellValue(attributes, text);
  const { writer, row, column } = sheet;
  if (value !== '') {
    sheet.filled += count;
    if (sheet.filled * sheet.repeated > maxRepeated) throw new Unreadable('too many repeated cells');
    const look = { isBold, shown: shownOf(attributes, value, text) };
    for (let i = 0; i < count; i++) writer.put(row, column + i, value, look);
  }
  const rows = countOf(attributes['table:number-rows-spanned']);
  const columns = countOf(attributes['table:number-columns-spanned']);
  if (rows > 1 || columns > 1) {
    const to = [Math.min(row + rows, 2 ** 20) - 1, Math.min(column + columns, 2 ** 14) - 1] as const;
    sheet.merged.push({ from: [row, column], to });
  }
  sheet.column += count;
}

/** Elements over a sheet, whose text is none of a cell. */
const shapes = 'frame custom-shape rect ellipse circle caption path polygon line connector'.split(' ');

/**
 * The sheets of an ODS file in their order.
 * @throws Unreadable for a damaged one
 */
export async function odsSheets(archive: Archive, view?: DocumentView): Promise<SheetContent[]> {
  const bytes = await archive.read('content.xml');
  if (bytes === undefined) throw new Unreadable('damaged: no content.xml');
  const manifest = await archive.read('META-INF/manifest.xml');
  if (manifest && xmlText(manifest).includes('encryption-data'))
    throw new Unreadable('encrypted: needs a password');
  const found: OpenSheet[] = [];
  const bold = new Set<string>();
  let style = '';
  let sheet: OpenSheet | undefined;
  let cell: Attributes | undefined;
  let [text, note, shape, link] = ['', '', '', ''];
  let [paragraphs, noteDepth, shapeDepth] = [0, 0, 0];
  let isPicture = false;
  const add = (part: string): void => {
    if (noteDepth > 0) note += part;
    else if (shapeDepth > 0) shape += part;
    else if (cell !== undefined && paragraphs > 0) text += part;
  };
  const openShape = (): void => {
    if (sheet && shapeDepth++ === 0) [shape, isPicture] = ['', false];
  };
  const closeShape = (): void => {
    if (!sheet || --shapeDepth > 0) return;
    const line = tidy(shape);
    if (line !== '') sheet.lines.push(line);
    else if (isPicture) sheet.pictures++;
  };
  // Most elements are paragraphs, whose attributes nobody needs: reading them takes a third of the time.
  const open: Record<string, (attributesOf: () => Attributes) => void> = {
    ...Object.fromEntries(shapes.map((name) => [name, openShape])),
    style(attributesOf) {
      style = attributesOf()['style:name'] ?? '';
    },
    'text-properties'(attributesOf) {
      if (attributesOf()['fo:font-weight'] === 'bold') bold.add(style);
    },
    table(attributesOf) {
      sheet = openSheet(attributesOf()['table:name'] ?? '');
    },
    'table-row'(attributesOf) {
      if (!sheet) return;
      sheet.column = 0;
      sheet.filled = 0;
      sheet.repeated = countOf(attributesOf()['table:number-rows-repeated']);
    },
    'table-cell'(attributesOf) {
      cell = attributesOf();
      text = '';
      link = '';
      paragraphs = 0;
    },
    'covered-table-cell'(attributesOf) {
      if (sheet) sheet.column += countOf(attributesOf()['table:number-columns-repeated']);
    },
    annotation() {
      if (noteDepth++ === 0) note = '';
    },
    p() {
      if (noteDepth > 0 || shapeDepth > 0) add(' ');
      else if (paragraphs++ > 0) text += '\n';
    },
    a(attributesOf) {
      if (cell !== undefined && noteDepth === 0 && shapeDepth === 0)
        link = attributesOf()['xlink:href'] ?? '';
    },
    s: (attributesOf) => add(' '.repeat(Math.min(1_000, countOf(attributesOf()['text:c'])))),
    tab: () => add('\t'),
    'line-break': () => add('\n'),
    image() {
      isPicture = true;
    },
    object(attributesOf) {
      isPicture = false;
      sheet?.objects.push(attributesOf()['xlink:href'] ?? '');
    },
  };
  const close: Record<string, () => void> = {
    ...Object.fromEntries(shapes.map((name) => [name, closeShape])),
    table() {
      if (sheet) found.push(sheet);
      sheet = undefined;
    },
    'table-row'() {
      if (sheet) endRow(sheet);
    },
    'table-cell'() {
      if (!sheet || !cell) return;
      if (link !== '' && link !== text && /^\w+:/.test(link))
        sheet.notes.push({ row: sheet.row, column: sheet.column, text: link.replace(/^mailto:/, '') });
      endCell(sheet, cell, text, bold.has(cell['table:style-name'] ?? ''));
      cell = undefined;
    },
    creator() {
      if (noteDepth > 0) note += ':';
    },
    date() {
      // The day of a note is none of its text.
      if (noteDepth > 0) note = note.replace(/\s*\d{4}-\d\d-\d\d\S*$/, '');
    },
    annotation() {
      const written = note.replace(/\s+/g, ' ').trim();
      if (--noteDepth > 0 || !sheet || written === '') return;
      sheet.notes.push({ row: sheet.row, column: sheet.column, text: `[note: ${written}]` });
    },
  };
  const xml = xmlText(bytes);
  const isUsual = hasUsualPrefixes(xml);
  const openers = Object.entries(open).map(([name, handle]): [string, typeof handle] => [
    name,
    isUsual ? handle : (attributesOf) => handle(() => usualAttributes(attributesOf())),
  ]);
  scanElements(xml, 'content.xml', {
    open: new Map(openers),
    close: new Map(Object.entries(close)),
    text: add,
  });
  if (found.length === 0) throw new Unreadable('damaged: it has no sheet');
  const margins = view ? await marginLinesOf(archive) : [];
  return Promise.all(
    found.map(async ({ writer, merged, notes, lines, objects, pictures }, i) => {
      if (!view) return writer.content(merged);
      const drawn = await Promise.all(objects.map((href) => objectLines(archive, href)));
      const unread = drawn.filter((one) => one.length === 0).length;
      const all = [...lines, ...drawn.flat(), ...(i === 0 ? margins : [])];
      return writer.content(merged, {
        ...{ notes, lines: all, tables: [] },
        leftOut: { pictures, objects: unread, controls: 0 },
      });
    }),
  );
}
