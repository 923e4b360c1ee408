import { joinedLines } from '../cell-lines.ts';
import { childOf, childrenOf, textIn, type XmlElement, xmlValue } from '../xml.ts';
import { blockElements, readParagraph } from './paragraph.ts';
import type { WordReading } from './reading.ts';
import { isOn } from './styles.ts';

export interface WordTable {
  readonly rows: readonly string[];
  /** The row that names the columns. */
  readonly header?: string;
  /** The cells of a table that only arranges text: each is read by itself. */
  readonly content?: readonly XmlElement[];
}

/** A cell with more text than this is text that a table arranges, characters. */
const maxCell = 1_000;
/** So is one with more paragraphs and tables than this. */
const maxParts = 20;

/** Rows, also those that are inserted or repeated by a control; none that are deleted. */
function rowsIn(table: XmlElement): XmlElement[] {
  return childrenOf(table).flatMap((child) => {
    if (child.name === 'tr') return childOf(childOf(child, 'trPr'), 'del') ? [] : [child];
    return /^(sdt|sdtContent|customXml|ins|moveTo)$/.test(child.name) ? rowsIn(child) : [];
  });
}

function cellsIn(row: XmlElement): XmlElement[] {
  return childrenOf(row).flatMap((child) => {
    if (child.name === 'tc') return [child];
    return /^(sdt|sdtContent|customXml)$/.test(child.name) ? cellsIn(child) : [];
  });
}

function numberOf(properties: XmlElement | undefined, name: string): number {
  const found = childOf(properties, name);
  const value = found ? Number(xmlValue(found)) : 0;
  return Number.isInteger(value) && value > 0 ? Math.min(value, 1_000) : 0;
}

async function textOfCell(cell: XmlElement, reading: WordReading): Promise<string> {
  const lines: string[] = [];
  for (const element of blockElements(cell)) {
    if (element.name === 'tbl') {
      const { rows } = await readTable(element, reading, true);
      lines.push(...rows);
    } else if (element.name === 'p') {
      const found = await readParagraph(element, reading);
      if (!found) continue;
      lines.push(found.text, ...found.drawn);
      for (const box of found.boxes) lines.push(await textOfCell(box, reading));
    }
  }
  return joinedLines(lines.map((line) => line.trim()));
}

/** Whether a cell holds what has a place of its own in the text. */
function arranges(cell: XmlElement, reading: WordReading): boolean {
  const inside = blockElements(cell);
  if (inside.length > maxParts || textIn(cell).length > maxCell) return true;
  return inside.some(
    (element) =>
      element.name === 'altChunk' ||
      (element.name === 'p' && reading.styleOf(childOf(element, 'pPr'))?.heading !== undefined),
  );
}

interface Neighbours {
  /** The texts of the row above, by column. */
  readonly above: readonly string[];
  /** The text of the cell before. */
  readonly beside: string | undefined;
}

/** A cell's text in each of its columns. */
async function valuesOf(
  cell: XmlElement,
  column: number,
  { above, beside }: Neighbours,
  reading: WordReading,
): Promise<string[]> {
  const properties = childOf(cell, 'tcPr');
  const continues = (name: string): boolean => {
    const merge = childOf(properties, name);
    return merge !== undefined && (xmlValue(merge) ?? 'continue') === 'continue';
  };
  const before = continues('hMerge') ? beside : continues('vMerge') ? above[column] : undefined;
  const text = before ?? (await textOfCell(cell, reading));
  return Array.from({ length: Math.max(1, numberOf(properties, 'gridSpan')) }, () => text);
}

/**
 * A table's rows, of which each reads whole: a cell over several columns or rows is in each of them.
 * @param nested a table in a cell of another one has a place in its line only
 */
export async function readTable(table: XmlElement, reading: WordReading, nested = false): Promise<WordTable> {
  const rows = rowsIn(table).map((row) => ({ properties: childOf(row, 'trPr'), cells: cellsIn(row) }));
  const content = rows.flatMap(({ cells }) => cells);
  if (!nested && content.some((cell) => arranges(cell, reading))) return { rows: [], content };
  const lines: string[] = [];
  let above: string[] = [];
  let header: string | undefined;
  for (const { properties, cells } of rows) {
    const values: string[] = Array.from({ length: numberOf(properties, 'gridBefore') }, () => '');
    for (const cell of cells) {
      const neighbours = { above, beside: values.at(-1) };
      values.push(...(await valuesOf(cell, values.length, neighbours, reading)));
    }
    above = values;
    // One cell across a whole row is a title of what follows.
    const line = (cells.length === 1 ? values.slice(-1) : values).join(' | ');
    if (line.replace(/[ |]/g, '') !== '') lines.push(line);
    if (isOn(properties, 'tblHeader')) header ??= line;
  }
  const named = header ?? lines.find((line) => line.includes(' | '));
  return { rows: lines, ...(named !== undefined && named === lines[0] && { header: named }) };
}
