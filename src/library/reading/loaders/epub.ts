import { parse } from 'parse5';
import { normalDate } from './dates.ts';
import { nothingLeftOutOfPage, writeHtml } from './html-blocks.ts';
import { addLeftOut, pageRemarks } from './html-remarks.ts';
import { textOf } from './html-text.ts';
import { attribute, descendants, find } from './html-tree.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { resolvePart } from './office/package.ts';
import { createWriter } from './writer.ts';
import { childOf, elements, parseXml, textIn, type XmlElement, xmlText } from './xml.ts';
import { type Archive, openArchive } from './zip.ts';

async function xmlPart(archive: Archive, name: string): Promise<XmlElement> {
  const bytes = await archive.read(name);
  if (!bytes) throw new Unreadable(`damaged: no ${name}`);
  return parseXml(xmlText(bytes), name);
}

/** Paths of the encrypted parts, which are unreadable without the seller's key. */
async function encrypted(archive: Archive): Promise<Set<string>> {
  const name = 'META-INF/encryption.xml';
  if (!archive.names.includes(name)) return new Set();
  const references = elements(await xmlPart(archive, name), 'CipherReference');
  return new Set(
    references.map(({ attributes: { URI: path = '' } }) => {
      try {
        return decodeURI(path);
      } catch {
        return path;
      }
    }),
  );
}

/** Self-closing XML elements would stay open in HTML: `<title/>` would swallow the page. */
function asHtml(xhtml: string): string {
  return xhtml.replace(
    /<(title|script|style|a|div|span|p|i|b|em|strong|td|th|li)(\s[^<>]*)?\/>/gi,
    '<$1$2></$1>',
  );
}

function pathOf(folder: string, href: string): string {
  const path = href.replace(/#.*$/, '');
  try {
    return resolvePart(folder, decodeURIComponent(path));
  } catch {
    return resolvePart(folder, path);
  }
}

/** The chapters' paths in reading order, those beside it (notes, answers) included. */
function spineOf(opf: XmlElement, folder: string): string[] {
  const parts = new Map(
    elements(opf, 'item').map(({ attributes }) => [attributes['id'], attributes['href'] ?? '']),
  );
  return elements(opf, 'itemref').map(({ attributes }) => {
    const { idref = '' } = attributes;
    const href = parts.get(idref);
    // One that the list of parts does not have is missing, under its id.
    return href === undefined ? idref : pathOf(folder, href);
  });
}

/** A table of contents only names what has no heading: a damaged one is none. */
function contentsOf(bytes: Uint8Array, part: string): XmlElement {
  try {
    return parseXml(xmlText(bytes), part);
  } catch (error) {
    if (error instanceof Unreadable) return parseXml('<ncx/>', part);
    throw error;
  }
}

/** The names of chapters in the table of contents of EPUB 3 (`nav`) or 2 (`ncx`), by their paths. */
async function namesOf(
  archive: Archive,
  opf: XmlElement,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const add = (part: string, href: string | undefined, name: string): void => {
    const path = pathOf(part.slice(0, part.lastIndexOf('/') + 1), href ?? '');
    const text = name.replace(/\s+/g, ' ').trim();
    if (text !== '' && !names.has(path)) names.set(path, text);
  };
  const contents = elements(opf, 'item').filter(
    ({ attributes }) =>
      attributes['properties']?.split(' ').includes('nav') ||
      attributes['media-type'] === 'application/x-dtbncx+xml',
  );
  for (const { attributes } of contents) {
    const part = pathOf(folder, attributes['href'] ?? '');
    const bytes = await archive.read(part);
    if (!bytes) continue;
    if (attributes['properties'] !== undefined) {
      for (const link of find(parse(asHtml(xmlText(bytes))), 'a'))
        add(part, attribute(link, 'href'), textOf(link));
      continue;
    }
    const points = (at: XmlElement): XmlElement[] =>
      elements(at, 'navPoint').flatMap((point) => [point, ...points(point)]);
    for (const point of points(contentsOf(bytes, part))) {
      const [label, content] = ['navLabel', 'content'].map((name) => childOf(point, name));
      if (label) add(part, content?.attributes['src'], textIn(label));
    }
  }
  return names;
}

/** EPUB: the chapters in reading order, with their headings, or their names in the table of contents. */
export async function loadEpub(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const container = await xmlPart(archive, 'META-INF/container.xml');
  const root = elements(container, 'rootfile')[0]?.attributes['full-path'];
  if (root === undefined) throw new Unreadable('damaged: container.xml names no book');
  const opf = await xmlPart(archive, root);
  const folder = root.slice(0, root.lastIndexOf('/') + 1);
  const chapters = spineOf(opf, folder);
  const encryptedParts = await encrypted(archive);
  if (chapters.some((chapter) => encryptedParts.has(chapter)))
    throw new Unreadable('encrypted (copy protection)');
  const names = await namesOf(archive, opf, folder);
  const writer = createWriter();
  const missing: number[] = [];
  const leftOut = nothingLeftOutOfPage();
  for (const [i, chapter] of chapters.entries()) {
    const content = await archive.read(chapter);
    const body = content && find(parse(asHtml(xmlText(content))), 'body')[0];
    if (!body) {
      missing.push(i + 1);
      continue;
    }
    writer.closeHeadings();
    writer.place({ chapter: i + 1 }, `[chapter ${i + 1}]`);
    const title = names.get(chapter);
    const hasHeading = descendants(body).some((node) => /^h[1-6]$/.test(node.nodeName));
    if (title !== undefined && !hasHeading) writer.heading(1, title);
    addLeftOut(leftOut, writeHtml(body, writer, body));
  }
  const { text, blocks } = writer.result();
  const property = (tag: string): string | undefined => {
    const value = elements(opf, tag)[0];
    return value && (textIn(value).trim() || undefined);
  };
  const [author, language, date] = [property('creator'), property('language'), property('date')];
  const description = property('description');
  const metadata = {
    ...(author !== undefined && { author }),
    ...(language !== undefined && { language }),
    ...(date !== undefined && { date: normalDate(date) ?? date }),
    ...(description !== undefined && { description }),
  };
  const which = missing.length === 1 ? `chapter ${missing[0]} is` : `chapters ${missing.join(', ')} are`;
  const remarks = [...(missing.length > 0 ? [`${which} missing in the book`] : []), ...pageRemarks(leftOut)];
  return {
    ...{ title: property('title') ?? blocks[0]?.heading[0] ?? name, text, metadata, blocks },
    ...(remarks.length > 0 && { remarks }),
  };
}
