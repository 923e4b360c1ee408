import { parse } from 'parse5';
import { normalDate } from './dates.ts';
import { writeHtml } from './html-blocks.ts';
import { find } from './html-tree.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { resolvePart } from './office/package.ts';
import { createWriter } from './writer.ts';
import { elements, parseXml, textIn, type XmlElement, xmlText } from './xml.ts';
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
  return new Set(references.map(({ attributes }) => decodeURI(attributes['URI'] ?? '')));
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

/** The chapters' paths in reading order. */
function spineOf(opf: XmlElement, folder: string): string[] {
  const parts = new Map(
    elements(opf, 'item').map(({ attributes }) => [attributes['id'], attributes['href'] ?? '']),
  );
  return elements(opf, 'itemref').flatMap(({ attributes }) => {
    const href = parts.get(attributes['idref']);
    return href === undefined || attributes['linear'] === 'no' ? [] : [pathOf(folder, href)];
  });
}

/** EPUB: the chapters in reading order, with their headings. */
export async function loadEpub(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const container = await xmlPart(archive, 'META-INF/container.xml');
  const root = elements(container, 'rootfile')[0]?.attributes['full-path'];
  if (root === undefined) throw new Unreadable('damaged: container.xml names no book');
  const opf = await xmlPart(archive, root);
  const chapters = spineOf(opf, root.slice(0, root.lastIndexOf('/') + 1));
  const encryptedParts = await encrypted(archive);
  if (chapters.some((chapter) => encryptedParts.has(chapter)))
    throw new Unreadable('encrypted (copy protection)');
  const writer = createWriter();
  for (const [i, chapter] of chapters.entries()) {
    const content = await archive.read(chapter);
    const body = content && find(parse(asHtml(xmlText(content))), 'body')[0];
    if (!body) continue;
    writer.closeHeadings();
    writer.place({ chapter: i + 1 }, `[chapter ${i + 1}]`);
    writeHtml(body, writer, false);
  }
  const { text, blocks } = writer.result();
  const property = (tag: string): string | undefined => {
    const value = elements(opf, tag)[0];
    return value && (textIn(value).trim() || undefined);
  };
  const [author, language, date] = [property('creator'), property('language'), property('date')];
  const metadata = {
    ...(author !== undefined && { author }),
    ...(language !== undefined && { language }),
    ...(date !== undefined && { date: normalDate(date) ?? date }),
  };
  return { title: property('title') ?? blocks[0]?.heading[0] ?? name, text, metadata, blocks };
}
