import type { TableCell } from '../../../tables/cells.ts';
import { Unreadable } from '../loaders/loader.ts';
import { openPackage } from '../loaders/office/package.ts';
import { childrenOf, elements, scanXml, type XmlElement, xmlAttribute, xmlText } from '../loaders/xml.ts';
import type { Archive } from '../loaders/zip.ts';
import { exactNumber } from './exact-number.ts';
import { type FormatKind, formatKind, formatted } from './number-format.ts';
import { type CellRange, createSheetWriter, type SheetContent } from './sheet.ts';

/** A row and column from 0, of a reference such as `B12`. */
function placeOf(reference: string): readonly [row: number, column: number] | undefined {
  const [, letters = '', digits = ''] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(reference) ?? [];
  if (digits === '') return undefined;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return [Number(digits) - 1, column - 1];
}

function rangeOf(reference: string): CellRange | undefined {
  const [from, to] = reference.split(':').map(placeOf);
  return from && to ? { from, to } : undefined;
}

/** Characters that XML cannot hold are written as `_x000D_`. */
const unescaped = (text: string): string =>
  text.replace(/_x([0-9a-f]{4})_/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Texts that cells refer to by their number. Readings of Japanese words are left out. */
function sharedStrings(xml: string): string[] {
  const strings: string[] = [];
  let [text, isText, inReading] = ['', false, false];
  scanXml(xml, 'the texts', {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') inReading = true;
      isText = name === 't' && !inReading;
    },
    close(name) {
      if (name === 'si') strings.push(unescaped(text));
      else if (name === 'rPh') inReading = false;
      isText = false;
    },
    text(part) {
      if (isText) text += part;
    },
  });
  return strings;
}

/** The kinds of the number formats that cells refer to by their number. */
function stylesOf(root: XmlElement): FormatKind[] {
  const codes = new Map(
    elements(root, 'numFmt').map(({ attributes }) => [
      Number(attributes['numFmtId']),
      attributes['formatCode'],
    ]),
  );
  const [formats] = childrenOf(root).filter(({ name }) => name === 'cellXfs');
  return (formats === undefined ? [] : childrenOf(formats)).map(({ attributes }) => {
    const id = Number(attributes['numFmtId'] ?? 0);
    return formatKind(id, codes.get(id));
  });
}

interface Context {
  readonly strings: readonly string[];
  readonly styles: readonly FormatKind[];
  readonly since1904: boolean;
}

interface OpenCell {
  readonly type: string;
  readonly style: number;
  value: string;
  inline: string;
}

function cellValue(
  { type, style, value, inline }: OpenCell,
  { strings, styles, since1904 }: Context,
): TableCell {
  if (type === 'inlineStr') return unescaped(inline);
  if (value === '') return '';
  if (type === 's') {
    const text = strings[Number(value)];
    if (text === undefined) throw new Unreadable('damaged: a cell refers to a text that is not there');
    return text;
  }
  if (type === 'str') return unescaped(value);
  if (type === 'b') return value === '1' || value === 'true';
  if (type === 'e') return value;
  if (type === 'd') {
    const date = new Date(/[zZ]|[+-]\d\d:\d\d$/.test(value) || !value.includes('T') ? value : `${value}Z`);
    return Number.isNaN(date.getTime()) ? value : date;
  }
  const number = exactNumber(value) ?? value;
  return typeof number === 'number' ? formatted(number, styles[style] ?? 'number', since1904) : number;
}

function readSheet(name: string, xml: string, context: Context): SheetContent {
  const writer = createSheetWriter(name);
  const merged: CellRange[] = [];
  let [row, column] = [-1, -1];
  let cell: OpenCell | undefined;
  let inside: 'value' | 'inline' | undefined;
  const open: Record<string, (attributes: () => Record<string, string>) => void> = {
    row(attributes) {
      const number = Number(attributes()['r'] ?? Number.NaN);
      row = Number.isInteger(number) && number > 0 ? number - 1 : row + 1;
      column = -1;
    },
    c(attributes) {
      const { r = '', t = 'n', s = '0' } = attributes();
      [row, column] = placeOf(r) ?? [row, column + 1];
      cell = { type: t, style: Number(s), value: '', inline: '' };
    },
    v() {
      inside = 'value';
    },
    t() {
      inside = 'inline';
    },
    mergeCell(attributes) {
      const range = rangeOf(attributes()['ref'] ?? '');
      if (range) merged.push(range);
    },
  };
  scanXml(xml, `sheet "${name}"`, {
    open: (element, attributes) => (Object.hasOwn(open, element) ? open[element]?.(attributes) : undefined),
    close(element) {
      inside = undefined;
      if (element !== 'c' || cell === undefined) return;
      writer.put(row, column, cellValue(cell, context));
      cell = undefined;
    },
    text(text) {
      if (cell !== undefined && inside !== undefined) cell[inside] += text;
    },
  });
  return writer.content(merged);
}

/**
 * The sheets of an XLSX file in their order, with the values that were last calculated; charts are none.
 * @throws Unreadable for a damaged one
 */
export async function xlsxSheets(archive: Archive): Promise<SheetContent[]> {
  const parts = await openPackage(
    archive,
    /sheet\.(macroEnabled\.)?main|template\..*main/,
    'xl/workbook.xml',
  );
  const root = await parts.part(parts.main);
  if (root === undefined) throw new Unreadable(`damaged: no ${parts.main}`);
  const textOf = async (part: string): Promise<string | undefined> => {
    const bytes = await parts.read(part);
    return bytes && xmlText(bytes);
  };
  const [stringsPart = 'xl/sharedStrings.xml'] = await parts.partsOf(parts.main, 'sharedStrings');
  const [stylesPart = 'xl/styles.xml'] = await parts.partsOf(parts.main, 'styles');
  const strings = await textOf(stringsPart);
  const styles = await parts.part(stylesPart);
  const context: Context = {
    strings: strings === undefined ? [] : sharedStrings(strings),
    styles: styles === undefined ? [] : stylesOf(styles),
    since1904: elements(root, 'workbookPr').some(({ attributes }) =>
      /^(1|true)$/.test(attributes['date1904'] ?? ''),
    ),
  };
  const worksheets = await parts.partsOf(parts.main, 'worksheet');
  const sheets: SheetContent[] = [];
  for (const sheet of elements(root, 'sheet')) {
    const part = await parts.partOf(parts.main, xmlAttribute(sheet, 'id') ?? '');
    const xml = part !== undefined && worksheets.includes(part) ? await textOf(part) : undefined;
    if (xml !== undefined) sheets.push(readSheet(sheet.attributes['name'] ?? '', xml, context));
  }
  if (sheets.length === 0) throw new Unreadable('damaged: it has no sheet');
  return sheets;
}
