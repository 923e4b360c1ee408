import { parse } from 'parse5';
import { decodeText } from '../../decode.ts';
import { writeHtml } from '../html-blocks.ts';
import { pageRemarks } from '../html-remarks.ts';
import { find } from '../html-tree.ts';
import type { LoadedDocument } from '../loader.ts';
import { writeNested } from '../nested.ts';
import type { Writer } from '../writer.ts';
import { type XmlElement, xmlAttribute } from '../xml.ts';
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
    else if (element.name === 'subDoc') reading.count('linked', 1);
    else if (element.name === 'tbl')
      await writeTable(await readTable(element, reading), reading, writer, options);
    else await writeParagraph(element, reading, writer, options);
  }
}

async function writeParagraph(
  paragraph: XmlElement,
  reading: WordReading,
  writer: Writer,
  options: BodyOptions,
): Promise<void> {
  const found = await readParagraph(paragraph, reading);
  if (!found) return;
  const { text, heading, isTitle, level = 0, boxes, drawn } = found;
  if (isTitle && text !== '') writer.heading(1, text);
  else if (heading !== undefined) writer.heading(heading, text);
  else writer.block([`${'  '.repeat(level)}${text}`]);
  writer.block(drawn);
  for (const box of boxes) await writeBody(box, reading, writer, options);
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
  { office, part, count, told }: WordReading,
  writer: Writer,
  { insert, depth }: BodyOptions,
): Promise<void> {
  const name = await office.partOf(part, xmlAttribute(element, 'id') ?? '');
  const bytes = name === undefined ? undefined : await office.read(name);
  if (name === undefined || !bytes) return count('parts', 1);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  if (start.startsWith('PK') && depth < maxInserted) return insert(bytes, writer, depth + 1);
  if (start.startsWith('PK')) return count('documents', 1);
  const nested = await nestedIn(bytes, start);
  if (nested) {
    told.push(...(nested.remarks ?? []));
    return writeNested(nested, writer, 1);
  }
  const { text } = decodeText(bytes);
  if (!/<[a-z!]/i.test(start)) return writer.block(text.split('\n'));
  const body = find(parse(text), 'body')[0];
  if (body) told.push(...pageRemarks(writeHtml(body, writer, body)));
}

/** A document of another format; undefined for text and HTML. */
async function nestedIn(bytes: Uint8Array, start: string): Promise<LoadedDocument | undefined> {
  if (start.startsWith('{\\rtf')) return (await import('../rtf.ts')).loadRtf(bytes, '');
  // A page as one file with its pictures (MHT).
  if (/^(mime-version|content-type|from|subject|date):/im.test(start) && !start.trimStart().startsWith('<'))
    return (await import('../email.ts')).loadEmail(bytes, '');
  return undefined;
}

/** The lines of everything in an element: paragraphs, rows, what is drawn. */
export async function linesIn(parent: XmlElement, reading: WordReading): Promise<string[]> {
  const lines: string[] = [];
  for (const element of blockElements(parent)) {
    if (element.name === 'altChunk' || element.name === 'subDoc') reading.count('documents', 1);
    else if (element.name === 'tbl') {
      const { rows, content = [] } = await readTable(element, reading);
      lines.push(...rows.map((row) => row.replace(/^[ |]+|[ |]+$/g, '')));
      for (const cell of content) lines.push(...(await linesIn(cell, reading)));
    } else {
      const found = await readParagraph(element, reading);
      if (!found) continue;
      lines.push(found.text, ...found.drawn);
      for (const box of found.boxes) lines.push(...(await linesIn(box, reading)));
    }
  }
  return lines.filter((line) => line !== '');
}
