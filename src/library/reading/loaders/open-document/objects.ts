import { parse } from 'parse5';
import { objectLines } from '../../sheets/ods-aside.ts';
import { linesOf } from '../html-text.ts';
import { find } from '../html-tree.ts';
import { type XmlElement, xmlAttribute, xmlText } from '../xml.ts';
import type { Archive } from '../zip.ts';

/** The lines of an object that is embedded: a formula or a chart; nothing for all others. */
async function linesOfObject(archive: Archive, href: string): Promise<readonly string[]> {
  const bytes = await archive.read(`${href.replace(/^\.\//, '')}/content.xml`);
  if (!bytes) return [];
  const xml = xmlText(bytes);
  if (!/<(\w+:)?math\b/.test(xml)) return objectLines(archive, href);
  const body = find(parse(xml.replace(/<(\/?)\w+:/g, '<$1')), 'body')[0];
  return body ? linesOf(body) : [];
}

/** What objects of a document say, by what refers to them. */
export async function readObjects(
  archive: Archive,
  objects: readonly XmlElement[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const object of objects) {
    const href = xmlAttribute(object, 'href');
    if (href === undefined || found.has(href)) continue;
    found.set(href, await linesOfObject(archive, href));
  }
  return found;
}
