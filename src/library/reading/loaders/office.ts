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

/** The parts that a part refers to: archive paths by relationship id. */
export async function relationsOf(archive: Archive, part: string): Promise<Map<string, string>> {
  const slash = part.lastIndexOf('/') + 1;
  const bytes = await archive.read(`${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`);
  const relations = new Map<string, string>();
  if (!bytes) return relations;
  for (const { attributes } of childrenOf(parseXml(xmlText(bytes), `the relations of ${part}`))) {
    const { Id: id, Target: target, TargetMode: mode } = attributes;
    if (id !== undefined && target !== undefined && mode !== 'External') {
      relations.set(id, resolvePart(part.slice(0, slash), target));
    }
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
