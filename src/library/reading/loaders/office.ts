import { normalDate } from './dates.ts';
import { childrenOf, parseXml, textIn, xmlText } from './xml.ts';
import type { Archive } from './zip.ts';

/** The core properties of an Office file. */
export interface CoreProperties {
  readonly title?: string;
  readonly author?: string;
  readonly created?: string;
  readonly modified?: string;
}

const wanted = { title: 'title', creator: 'author', created: 'created', modified: 'modified' } as const;

export async function coreProperties(archive: Archive): Promise<CoreProperties> {
  const bytes = await archive.read('docProps/core.xml');
  if (!bytes) return {};
  const found: Partial<Record<keyof CoreProperties, string>> = {};
  for (const element of childrenOf(parseXml(xmlText(bytes), 'docProps/core.xml'))) {
    const key = wanted[element.name as keyof typeof wanted];
    const value = textIn(element).trim();
    if (key !== undefined && value !== '') found[key] = normalDate(value) ?? value;
  }
  return found;
}

interface Relation {
  readonly id: string;
  /** The last part of its address, such as `worksheet`. */
  readonly type: string;
  /** Its path in the archive. */
  readonly part: string;
}

/** What a part refers to; the archive as a whole is the part ''. */
export async function relationsOf(archive: Archive, part: string): Promise<readonly Relation[]> {
  const slash = part.lastIndexOf('/') + 1;
  const bytes = await archive.read(`${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`);
  if (!bytes) return [];
  const relations: Relation[] = [];
  for (const { attributes } of childrenOf(parseXml(xmlText(bytes), `the relations of ${part}`))) {
    const { Id: id, Type: type = '', Target: target, TargetMode: mode } = attributes;
    if (id === undefined || target === undefined || mode === 'External') continue;
    relations.push({
      id,
      type: type.slice(type.lastIndexOf('/') + 1),
      part: resolvePart(part.slice(0, slash), target),
    });
  }
  return relations;
}

/** `../media/x.png` below `ppt/slides/` is `ppt/media/x.png`. */
export function resolvePart(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const parts: string[] = [];
  for (const part of (folder + target).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
