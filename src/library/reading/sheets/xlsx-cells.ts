import type { TableCell } from '../../../tables/cells.ts';
import { Unreadable } from '../loaders/loader.ts';
import { scanXml } from '../loaders/xml.ts';
import { exactNumber } from './exact-number.ts';
import { formatted } from './number-format.ts';
import { placeOf, rangeOf } from './references.ts';
import { type CellLook, type CellRange, createSheetWriter, type SheetWriter } from './sheet.ts';
import type { CellStyle } from './xlsx-styles.ts';

/** Characters that XML cannot hold are written as `_x000D_`. */
const unescaped = (text: string): string =>
  text.replace(/_x([0-9a-f]{4})_/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Texts that cells refer to by their number. Readings of Japanese words are left out. */
export function sharedStrings(xml: string): string[] {
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

/** What all sheets of a workbook share. */
export interface WorkbookContext {
  readonly strings: readonly string[];
  readonly styles: readonly CellStyle[];
  readonly since1904: boolean;
}

interface OpenCell {
  readonly type: string;
  readonly style: number;
  value: string;
  inline: string;
}

function cellValue(
  { type, value, inline }: OpenCell,
  { strings, since1904 }: WorkbookContext,
  style: CellStyle | undefined,
): TableCell {
  if (type === 'inlineStr' || (value === '' && inline !== '')) return unescaped(inline);
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
  return typeof number === 'number' ? formatted(number, style?.format.kind ?? 'number', since1904) : number;
}

/** What the sheet shows in a cell, where its format says something else than the value does. */
function lookOf(
  { type, value }: OpenCell,
  cell: TableCell,
  style: CellStyle | undefined,
): CellLook | undefined {
  if (style === undefined) return undefined;
  const { isBold, shown } = style;
  if (shown === undefined) return isBold ? { isBold } : undefined;
  if (typeof cell === 'boolean') return { isBold, shown: String(cell).toUpperCase() };
  if (type === 'e' || type === 'd' || typeof cell === 'bigint') return { isBold };
  const text = shown(typeof cell === 'number' ? cell : (numberIn(type, value) ?? String(cell)));
  // Of a large sheet most cells look like their value: they cost no object.
  return text === undefined && !isBold ? undefined : { isBold, shown: text };
}

/** The number of a date or a time. A text in a cell of dates is no date. */
function numberIn(type: string, value: string): number | undefined {
  if (type !== 'n' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A sheet as its part holds it. */
export interface SheetPart {
  readonly writer: SheetWriter;
  readonly merged: readonly CellRange[];
  /** The element with a name, as often as it is there, by its attributes; for those that were asked for. */
  readonly found: readonly FoundElement[];
}

export interface FoundElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

/** @param wanted the names of elements beside the cells whose attributes and text are wanted */
export function readCells(
  name: string,
  xml: string,
  context: WorkbookContext,
  wanted: ReadonlySet<string>,
): SheetPart {
  const writer = createSheetWriter(name);
  const merged: CellRange[] = [];
  const found: FoundElement[] = [];
  let [row, column] = [-1, -1];
  let cell: OpenCell | undefined;
  let inside: 'value' | 'inline' | undefined;
  let inReading = false;
  let last: FoundElement | undefined;
  const open: Record<string, (attributes: () => Readonly<Record<string, string>>) => void> = {
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
      inside = inReading ? undefined : 'inline';
    },
    rPh() {
      inReading = true;
    },
    mergeCell(attributes) {
      const range = rangeOf(attributes()['ref'] ?? '');
      if (range) merged.push(range);
    },
  };
  scanXml(xml, `sheet "${name}"`, {
    open(element, attributes) {
      if (Object.hasOwn(open, element)) open[element]?.(attributes);
      else if (wanted.has(element)) {
        last = { name: element, attributes: attributes(), text: '' };
        found.push(last);
      }
    },
    close(element) {
      inside = undefined;
      last = undefined;
      if (element === 'rPh') inReading = false;
      if (element !== 'c' || cell === undefined) return;
      const style = context.styles[cell.style];
      const value = cellValue(cell, context, style);
      if (value !== '') writer.put(row, column, value, lookOf(cell, value, style));
      cell = undefined;
    },
    text(text) {
      if (cell !== undefined && inside !== undefined) cell[inside] += text;
      else if (last !== undefined) last.text += text;
    },
  });
  return { writer, merged, found };
}
