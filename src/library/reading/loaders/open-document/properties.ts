import { tidy } from '../../../../tidy.ts';
import { normalDate } from '../dates.ts';
import { Unreadable } from '../loader.ts';
import { childOf, firstOf, parseXml, textIn, type XmlElement, xmlText } from '../xml.ts';
import type { Archive } from '../zip.ts';

interface OpenProperties {
  readonly title?: string;
  readonly author?: string;
  /** In which it says that it is written. */
  readonly language?: string;
  readonly created?: string;
}

function rootOf(bytes: Uint8Array): XmlElement | undefined {
  try {
    return parseXml(xmlText(bytes), 'the properties');
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** What an OpenDocument says of itself; nothing where that cannot be read: the text is there all the same. */
export async function openProperties(archive: Archive): Promise<OpenProperties> {
  const bytes = await archive.read('meta.xml');
  const root = bytes && rootOf(bytes);
  if (!root) return {};
  const meta = firstOf(root, 'meta');
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
