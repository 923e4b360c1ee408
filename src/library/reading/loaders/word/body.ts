import { parse } from 'parse5';
import { decodeText } from '../../decode.ts';
import { writeHtml } from '../html-blocks.ts';
import { find } from '../html-tree.ts';
import type { Writer } from '../writer.ts';
import { elements, type XmlElement, xmlAttribute } from '../xml.ts';
import { inlineOf } from './inline.ts';
import { blockElements, readParagraph } from './paragraph.ts';
import type { WordReading } from './reading.ts';
import { readTable, type WordTable } from './tables.ts';

/** Depth of documents that are inserted into one another. */
const maxInserted = 3;

export interface BodyOptions {
  /** Reads a Word document that is inserted into this one. */
  readonly insert: (bytes: Uint8Array, writer: Writer, depth: number) => Promise<void>;
  readonly depth: number;
}

/** Writes paragraphs, lists, tables and what stands in them. */
export async function writeBody(
  parent: XmlElement,
  reading: WordReading,
  writer: Writer,
  options: BodyOptions,
): Promise<void> {
  for (const element of blockElements(parent)) {
    if (element.name === 'altChunk') await writeInserted(element, reading, writer, options);
    else if (element.name === 'tbl')
      await writeTable(await readTable(element, reading), reading, writer, options);
    else {
      const found = await readParagraph(element, reading);
      if (!found) continue;
      const { text, heading, isTitle, level = 0, boxes, drawn } = found;
      if (isTitle && text !== '') writer.heading(1, text);
      else if (heading !== undefined) writer.heading(heading, text);
      else writer.block([`${'  '.repeat(level)}${text}`]);
      writer.block(drawn);
      for (const box of boxes) await writeBody(box, reading, writer, options);
    }
  }
}

async function writeTable(
  { rows, header, content }: WordTable,
  reading: WordReading,
  writer: Writer,
  options: BodyOptions,
): Promise<void> {
  if (content) {
    for (const cell of content) await writeBody(cell, reading, writer, options);
    return;
  }
  writer.block(rows, { rows: true, ...(header !== undefined && rows.length > 1 && { header }) });
}

async function writeInserted(
  element: XmlElement,
  { office, part, count }: WordReading,
  writer: Writer,
  { insert, depth }: BodyOptions,
): Promise<void> {
  const name = await office.partOf(part, xmlAttribute(element, 'id') ?? '');
  const bytes = name === undefined ? undefined : await office.read(name);
  if (name === undefined || !bytes) return count('parts', 1);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  if (start.startsWith('PK') && depth < maxInserted) return insert(bytes, writer, depth + 1);
  if (start.startsWith('{\\rtf') || start.startsWith('PK')) return count('documents', 1);
  const { text } = decodeText(bytes);
  if (!/<\w/.test(start)) return writer.block(text.split('\n'));
  const body = find(parse(text), 'body')[0];
  if (body) writeHtml(body, writer, false);
}

/** The text of everything in an element as one line. */
export async function lineOf(parent: XmlElement, reading: WordReading): Promise<string> {
  const lines: string[] = [];
  for (const paragraph of elements(parent, 'p')) {
    const { text } = await inlineOf(paragraph, reading);
    if (text !== '') lines.push(text);
  }
  return lines.join(' ');
}
