import { parse } from 'parse5';
import { tidy } from '../../../tidy.ts';
import { joinedLines } from './cell-lines.ts';
import { normalDate } from './dates.ts';
import { linesOf } from './html-text.ts';
import { find } from './html-tree.ts';
import { leftOutRemark } from './left-out.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { createWriter, type Writer } from './writer.ts';
import {
  childOf,
  childrenOf,
  elements,
  firstOf,
  parseXml,
  textIn,
  type XmlElement,
  xmlAttribute,
  xmlText,
} from './xml.ts';
import { type Archive, openArchive } from './zip.ts';

/** What of a document is not in its text. */
interface LeftOut {
  pictures: number;
  objects: number;
}

interface OpenDocument {
  readonly archive: Archive;
  readonly leftOut: LeftOut;
  /** Notes with their marks, which follow the text. */
  readonly notes: string[];
  comments: number;
}

/** Text that has a place of its own: its content is not a part of the line that it stands in. */
const aside = new Set(['frame', 'custom-shape', 'rect', 'table', 'g', 'list']);

type InlineReader = (element: XmlElement, document: OpenDocument, boxes: XmlElement[]) => string;

/** Elements in a line that are not their content. */
const inline: Readonly<Record<string, InlineReader>> = {
  s: (element) => ' '.repeat(countOf(element, 'c')),
  tab: () => ' ',
  'line-break': () => ' ',
  'soft-page-break': () => '',
  'annotation-end': () => '',
  note: (element, document) => noteMark(element, document),
  annotation: (element, document) => commentMark(element, document),
  ruby: (element, document, boxes) => lineOf(childOf(element, 'ruby-base') ?? element, document, boxes),
};

/** The text of a paragraph or heading, and what stands in it. */
function lineOf(element: XmlElement, document: OpenDocument, boxes: XmlElement[]): string {
  const parts = element.children.map((child) => {
    if (typeof child === 'string') return child.replace(/\s+/g, ' ');
    if (Object.hasOwn(inline, child.name)) return inline[child.name]?.(child, document, boxes) ?? '';
    if (!aside.has(child.name)) return lineOf(child, document, boxes);
    boxes.push(child);
    return '';
  });
  return parts.join('');
}

const linesIn = (element: XmlElement, document: OpenDocument): string[] =>
  [...elements(element, 'p'), ...elements(element, 'h')]
    .map((one) => tidy(lineOf(one, document, [])))
    .filter(Boolean);

function noteMark(note: XmlElement, document: OpenDocument): string {
  const body = childOf(note, 'note-body');
  const citation = childOf(note, 'note-citation');
  const mark = `[${(citation && tidy(textIn(citation))) || document.notes.length + 1}]`;
  if (body) document.notes.push(`${mark} ${linesIn(body, document).join(' ')}`);
  return mark;
}

function commentMark(annotation: XmlElement, document: OpenDocument): string {
  const mark = `[comment ${++document.comments}]`;
  const creator = childOf(annotation, 'creator');
  const author = creator ? `${tidy(textIn(creator))}: ` : '';
  document.notes.push(`${mark} ${author}${linesIn(annotation, document).join(' ')}`);
  return mark;
}

const countOf = (element: XmlElement, name: string): number =>
  Math.min(1_000, Math.max(1, Number(xmlAttribute(element, name) ?? 1) || 1));

/** By column, the cell above that covers it, and for how many more rows. */
type Covering = Map<number, { readonly text: string; rows: number }>;

/** What stands at a column: the cell's own text, or that of one above or beside it which covers it. */
function valueAt(cell: XmlElement, at: number, text: string, covering: Covering): string {
  const above = covering.get(at);
  if (cell.name !== 'covered-table-cell' || !above) return text;
  if (--above.rows <= 0) covering.delete(at);
  return above.text;
}

/** Notes which cells a cell covers: they follow in its row, and in those below. */
function cover(cell: XmlElement, at: number, text: string, covering: Covering): void {
  const [columns, rows] = [countOf(cell, 'number-columns-spanned'), countOf(cell, 'number-rows-spanned')];
  if (columns === 1 && rows === 1) return;
  for (let column = 0; column < columns; column++) {
    const more = column === 0 ? rows - 1 : rows;
    if (more > 0) covering.set(at + column, { text, rows: more });
  }
}

/** Rows of a table, of which each reads whole: a cell over several columns or rows is in each of them. */
function rowsOf(table: XmlElement, document: OpenDocument): string[] {
  const covering: Covering = new Map();
  return elements(table, 'table-row').flatMap((row) => {
    const values: string[] = [];
    for (const cell of childrenOf(row).filter(({ name }) => /^(covered-)?table-cell$/.test(name))) {
      const text = joinedLines(linesIn(cell, document));
      for (let i = countOf(cell, 'number-columns-repeated'); i > 0; i--) {
        const at = values.length;
        values.push(valueAt(cell, at, text, covering));
        cover(cell, at, text, covering);
      }
    }
    const line = values.join(' | ').replace(/( \| )+$/, '');
    return line.replace(/[ |]/g, '') === '' ? [] : [line];
  });
}

/** The text of an object that is embedded: a formula; undefined for all others. */
async function formulaIn(object: XmlElement, { archive }: OpenDocument): Promise<string | undefined> {
  const inline = firstOf(object, 'math');
  const href = xmlAttribute(object, 'href')?.replace(/^\.\//, '');
  const bytes = inline || href === undefined ? undefined : await archive.read(`${href}/content.xml`);
  if (!bytes) return inline ? tidy(textIn(inline)) : undefined;
  const xml = xmlText(bytes);
  if (!/<(\w+:)?math\b/.test(xml)) return undefined;
  const body = find(parse(xml.replace(/<(\/?)\w+:/g, '<$1')), 'body')[0];
  return body && linesOf(body).join(' ');
}

async function writeFrame(frame: XmlElement, document: OpenDocument, writer: Writer): Promise<void> {
  const box = firstOf(frame, 'text-box');
  if (box) await writeContent(box, document, writer, 0);
  for (const table of elements(frame, 'table')) writeTable(table, document, writer);
  for (const object of elements(frame, 'object')) {
    const formula = await formulaIn(object, document);
    if (formula === undefined) document.leftOut.objects++;
    else writer.block([formula]);
  }
  const described = ['title', 'desc']
    .map((name) => firstOf(frame, name))
    .map((one) => (one ? tidy(textIn(one)) : ''));
  const description = described.filter(Boolean).join(': ');
  const isPicture = firstOf(frame, 'image') !== undefined && firstOf(frame, 'object') === undefined && !box;
  if (isPicture && description !== '') writer.block([`[${description}]`]);
  else if (isPicture) document.leftOut.pictures++;
}

function writeTable(table: XmlElement, document: OpenDocument, writer: Writer): void {
  const rows = rowsOf(table, document);
  const header = rows[0];
  writer.block(rows, { rows: true, ...(header !== undefined && rows.length > 1 && { header }) });
}

/** Where content is written: how deep in a list, and the bullet before its first paragraph. */
interface Place {
  readonly depth: number;
  bullet: string;
}

async function writeParagraph(
  element: XmlElement,
  document: OpenDocument,
  writer: Writer,
  place: Place,
): Promise<void> {
  const boxes: XmlElement[] = [];
  const text = tidy(lineOf(element, document, boxes));
  const level = countOf(element, 'outline-level');
  if (element.name === 'h' && text !== '') writer.heading(level, text);
  else if (text !== '') writer.block([`${'  '.repeat(Math.max(0, place.depth - 1))}${place.bullet}${text}`]);
  place.bullet = '';
  for (const box of boxes) await writeElement(box, document, writer, place);
}

type ContentWriter = (
  element: XmlElement,
  document: OpenDocument,
  writer: Writer,
  place: Place,
) => Promise<void>;

const inside: ContentWriter = (element, document, writer, { depth }) =>
  writeContent(element, document, writer, depth);

/** What is written of an element; of all others nothing, as of the lines of a table of contents. */
const writers: Readonly<Record<string, ContentWriter>> = {
  p: writeParagraph,
  h: writeParagraph,
  list: (element, document, writer, { depth }) => writeList(element, document, writer, depth + 1),
  table: async (element, document, writer) => writeTable(element, document, writer),
  frame: writeFrame,
  section: inside,
  'index-title': inside,
  'custom-shape': inside,
  rect: inside,
  g: inside,
};

async function writeElement(
  element: XmlElement,
  document: OpenDocument,
  writer: Writer,
  place: Place,
): Promise<void> {
  if (Object.hasOwn(writers, element.name)) await writers[element.name]?.(element, document, writer, place);
}

/** Writes paragraphs, headings, lists and tables. @param depth of the list that they are in */
async function writeContent(
  parent: XmlElement,
  document: OpenDocument,
  writer: Writer,
  depth: number,
  bullet = '',
): Promise<void> {
  const place: Place = { depth, bullet };
  for (const child of childrenOf(parent)) await writeElement(child, document, writer, place);
}

async function writeList(
  list: XmlElement,
  document: OpenDocument,
  writer: Writer,
  depth: number,
): Promise<void> {
  for (const item of childrenOf(list)) {
    if (item.name === 'list-item' || item.name === 'list-header')
      await writeContent(item, document, writer, depth, item.name === 'list-item' ? '- ' : '');
  }
}

async function writeSlides(
  pages: readonly XmlElement[],
  document: OpenDocument,
  writer: Writer,
): Promise<void> {
  for (const [i, page] of pages.entries()) {
    writer.closeHeadings();
    writer.place({ slide: i + 1 }, `[slide ${i + 1}]`);
    const frames = childrenOf(page);
    const title = frames.find((frame) => xmlAttribute(frame, 'class') === 'title');
    const text = title ? linesIn(title, document).join(' ') : '';
    if (text !== '') writer.heading(1, text);
    const rest = frames.filter((frame) => frame !== title && frame.name !== 'notes');
    await writeContent({ ...page, children: rest }, document, writer, 0);
    const notes = frames.find(({ name }) => name === 'notes');
    const lines = notes ? linesIn(notes, document) : [];
    if (lines.length > 0) writer.block([`Notes: ${lines[0]}`, ...lines.slice(1)]);
  }
}

/** Headers and footers of the pages, each line once. */
async function marginLines(document: OpenDocument): Promise<string[]> {
  const bytes = await document.archive.read('styles.xml');
  const styles = bytes && childOf(parseXml(xmlText(bytes), 'styles.xml'), 'master-styles');
  if (!styles) return [];
  return [
    ...new Set(
      ['header', 'footer'].flatMap((kind) =>
        elements(styles, kind).flatMap((one) => linesIn(one, document).map((line) => `[${kind}] ${line}`)),
      ),
    ),
  ].filter((line) => /\p{L}{3,}.*\p{L}{3,}/u.test(line.slice(line.indexOf(']'))));
}

async function propertiesOf(
  archive: Archive,
): Promise<{ title?: string; author?: string; created?: string; language?: string }> {
  const bytes = await archive.read('meta.xml');
  if (!bytes) return {};
  const meta = firstOf(parseXml(xmlText(bytes), 'meta.xml'), 'meta');
  const value = (name: string): string => {
    const found = childOf(meta, name);
    return found ? tidy(textIn(found)) : '';
  };
  const created = value('creation-date');
  return {
    ...(value('title') !== '' && { title: value('title') }),
    ...(value('creator') !== '' && { author: value('creator') }),
    ...(value('language') !== '' && { language: value('language') }),
    ...(created !== '' && { created: normalDate(created.replace(/\.\d{4,}$/, '')) ?? created }),
  };
}

/** OpenDocument text and presentations (ODT, OTT, ODP, OTP). */
export async function loadOpenDocument(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const manifest = await archive.read('META-INF/manifest.xml');
  if (manifest && /encryption-data/.test(xmlText(manifest)))
    throw new Unreadable('encrypted: needs a password');
  const content = await archive.read('content.xml');
  if (!content) throw new Unreadable('damaged: no content.xml');
  const body = firstOf(parseXml(xmlText(content), 'content.xml'), 'body');
  if (!body) throw new Unreadable('damaged: content.xml has no text');
  const document: OpenDocument = {
    archive,
    leftOut: { pictures: 0, objects: 0 },
    notes: [],
    comments: 0,
  };
  const writer = createWriter();
  const pages = elements(body, 'page');
  const text = childOf(body, 'text');
  if (text) await writeContent(text, document, writer, 0);
  await writeSlides(text ? [] : pages, document, writer);
  const after = [...document.notes, ...(await marginLines(document))];
  if (after.length > 0) {
    writer.closeHeadings();
    writer.block(after, { rows: true });
  }
  const { text: written, blocks } = writer.result();
  const { title, ...metadata } = await propertiesOf(archive);
  const { pictures, objects } = document.leftOut;
  const remarks = [
    ...leftOutRemark(
      pictures,
      'picture without a description is not read',
      'pictures without a description are not read',
    ),
    ...leftOutRemark(objects, 'embedded object is not read', 'embedded objects are not read'),
  ];
  return {
    ...{ title: title ?? blocks[0]?.heading[0] ?? name, text: written, metadata, blocks },
    ...(remarks.length > 0 && { remarks }),
  };
}
