import { tidy } from '../../../tidy.ts';
import { leftOutRemark, pictureRemark } from './left-out.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { linesIn, openPieces } from './open-document/content.ts';
import { controlTexts } from './open-document/controls.ts';
import { openOpenDocument } from './open-document/flat.ts';
import { raisedStyles, readListStyles } from './open-document/list-styles.ts';
import { createOpenNumbering } from './open-document/numbering.ts';
import { readObjects } from './open-document/objects.ts';
import { ofNames } from './open-document/of-names.ts';
import { openProperties } from './open-document/properties.ts';
import {
  type LeftOutOfOpenDocument,
  nothingLeftOutOfOpenDocument,
  type OpenReading,
} from './open-document/reading.ts';
import { withoutPageNumbers } from './word/page-numbers.ts';
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
import type { Archive } from './zip.ts';

function write(parent: XmlElement, reading: OpenReading, writer: Writer): void {
  for (const piece of openPieces(parent, reading)) {
    if (piece.kind === 'heading') writer.heading(piece.level, piece.text);
    else if (piece.kind === 'paragraph') writer.block(piece.lines);
    else {
      const [header, ...rows] = piece.lines;
      writer.block(piece.lines, {
        rows: true,
        ...(header !== undefined && rows.length > 0 && { header }),
      });
    }
  }
}

function writeSlides(pages: readonly XmlElement[], reading: OpenReading, writer: Writer): void {
  for (const [i, page] of pages.entries()) {
    writer.closeHeadings();
    writer.place({ slide: i + 1 }, `[slide ${i + 1}]`);
    const frames = childrenOf(page);
    const title = frames.find((frame) => xmlAttribute(frame, 'class') === 'title');
    const text = title ? linesIn(title, reading).join(' ') : '';
    if (text !== '') writer.heading(1, text);
    const rest = frames.filter((frame) => frame !== title && frame.name !== 'notes');
    write({ ...page, children: rest }, reading, writer);
    const notes = frames.find(({ name }) => name === 'notes');
    const lines = notes ? linesIn(notes, reading) : [];
    if (lines.length > 0) writer.block([`Notes: ${lines[0]}`, ...lines.slice(1)]);
  }
}

const margins = ['header', 'footer'].flatMap((kind) =>
  ['', '-first', '-left'].map((pages) => ({ kind, name: `${kind}${pages}` })),
);

/** Headers and footers of the pages, each line once, without the numbers of pages. */
function marginLines(styles: XmlElement, ofSlides: readonly string[], reading: OpenReading): string[] {
  const masters = childOf(styles, 'master-styles');
  const inMargin = { ...reading, pages: withoutPageNumbers() };
  const ofPages = margins.flatMap(({ kind, name }) =>
    (masters ? elements(masters, name) : [])
      .flatMap((one) => linesIn(one, inMargin))
      .map((line) => `[${kind}] ${line}`),
  );
  return [...new Set([...ofPages, ...ofSlides])].filter((line) => /[\p{L}\p{N}]/u.test(line.slice(8)));
}

/** Words that the design puts on slides, each line once; what is for a slide to fill in has a class. */
function designLines(styles: XmlElement, pages: readonly XmlElement[], reading: OpenReading): string[] {
  const used = new Set(pages.map((page) => xmlAttribute(page, 'master-page-name')));
  const masters = childOf(styles, 'master-styles');
  // What a design draws is no content: its pictures are not counted.
  const inDesign = { ...reading, leftOut: nothingLeftOutOfOpenDocument(), pages: withoutPageNumbers() };
  return (masters ? childrenOf(masters) : [])
    .filter((master) => master.name === 'master-page' && used.has(xmlAttribute(master, 'name')))
    .flatMap(childrenOf)
    .filter((part) => part.name !== 'notes' && xmlAttribute(part, 'class') === undefined)
    .flatMap((part) => linesIn({ ...part, name: 'g', children: [part] }, inDesign))
    .filter((line) => !/^\[.*\]$/.test(line))
    .map((line) => `[design] ${line}`);
}

/** The roots of the parts of a document; those of a flat one are the same. */
async function partsOf(archive: Archive): Promise<(name: string) => XmlElement | undefined> {
  const roots = new Map<string, XmlElement>();
  const known = new Map<Uint8Array, XmlElement>();
  for (const name of ['content.xml', 'styles.xml']) {
    const bytes = await archive.read(name);
    if (!bytes) continue;
    const root = known.get(bytes) ?? parseXml(xmlText(bytes), name);
    known.set(bytes, root);
    roots.set(name, root);
  }
  return (name) => roots.get(name);
}

const remarksOn = ({ pictures, objects, media }: LeftOutOfOpenDocument): string[] => [
  ...pictureRemark(pictures),
  ...leftOutRemark(objects, 'embedded object is not read', 'embedded objects are not read'),
  ...leftOutRemark(media, 'sound or video is not read', 'sounds and videos are not read'),
];

/**
 * OpenDocument text and presentations (ODT, OTT, ODP, OTP), also as one XML file (FODT, FODP): headings and lists with
 * their numbers, tables, text boxes, charts, formulas, notes and comments with their marks, headers and footers once.
 */
export async function loadOpenDocument(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openOpenDocument(bytes);
  const manifest = await archive.read('META-INF/manifest.xml');
  if (manifest && /encryption-data/.test(xmlText(manifest)))
    throw new Unreadable('encrypted: needs a password');
  const part = await partsOf(archive);
  const content = part('content.xml');
  if (!content) throw new Unreadable('damaged: no content.xml');
  const body = firstOf(content, 'body');
  if (!body) throw new Unreadable('damaged: content.xml has no text');
  const styles = part('styles.xml') ?? content;
  const found = ofNames(body, ['object', 'forms', 'header-decl', 'footer-decl']);
  const reading: OpenReading = {
    leftOut: nothingLeftOutOfOpenDocument(),
    notes: [],
    comments: 0,
    numbering: createOpenNumbering(readListStyles([styles, content])),
    raised: raisedStyles([styles, content]),
    objects: await readObjects(archive, found.object),
    controls: controlTexts(found.forms),
  };
  const writer = createWriter();
  const text = childOf(body, 'text');
  const pages = text ? [] : elements(body, 'page');
  if (text) write(text, reading, writer);
  else writeSlides(pages, reading, writer);
  const ofSlides = [
    ...designLines(styles, pages, reading),
    ...found['header-decl'].map((one) => `[header] ${tidy(textIn(one))}`),
    ...found['footer-decl'].map((one) => `[footer] ${tidy(textIn(one))}`),
  ];
  const after = marginLines(styles, ofSlides, reading);
  if (reading.notes.length + after.length > 0) {
    writer.closeHeadings();
    writer.block([...reading.notes, ...after], { rows: true });
  }
  const { text: written, blocks } = writer.result();
  const { title, ...metadata } = await openProperties(archive);
  const remarks = remarksOn(reading.leftOut);
  return {
    ...{ title: title ?? blocks[0]?.heading[0] ?? name, text: written, metadata, blocks },
    ...(remarks.length > 0 && { remarks }),
  };
}
