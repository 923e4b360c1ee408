import { normalDate } from '../dates.ts';
import { Unreadable } from '../loader.ts';
import { childrenOf, parseXml, textIn, type XmlElement, xmlText } from '../xml.ts';
import type { Archive } from '../zip.ts';

/** The core properties of an Office file. */
export interface CoreProperties {
  readonly title?: string;
  readonly author?: string;
  readonly created?: string;
  readonly modified?: string;
  readonly language?: string;
}

const wanted = {
  title: 'title',
  creator: 'author',
  created: 'created',
  modified: 'modified',
  language: 'language',
} as const;

/** Names of parts are one whatever their case, with what is escaped in them or not (ECMA-376 part 2, 6.2.2.3). */
function partKey(name: string): string {
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** An archive whose parts are read by any of their equivalent names. */
function archiveOfParts(archive: Archive): Archive & { has(name: string): boolean } {
  const names = new Map(archive.names.map((name) => [partKey(name), name]));
  return {
    ...archive,
    has: (name) => names.has(partKey(name)),
    read: async (name) => {
      const found = names.get(partKey(name));
      return found === undefined ? undefined : archive.read(found);
    },
  };
}

/** None where there are none, or none that can be read: the text is there all the same. */
export async function coreProperties(file: Archive): Promise<CoreProperties> {
  const archive = archiveOfParts(file);
  const relations = await relationsOf(archive, '');
  const name = relations.find(({ type }) => type === 'core-properties')?.part ?? 'docProps/core.xml';
  const bytes = await archive.read(name);
  if (!bytes) return {};
  const found: Partial<Record<keyof CoreProperties, string>> = {};
  for (const element of propertiesIn(bytes)) {
    const key = wanted[element.name as keyof typeof wanted];
    const value = textIn(element).trim();
    if (key !== undefined && value !== '') found[key] = normalDate(value) ?? value;
  }
  return found;
}

function propertiesIn(bytes: Uint8Array): readonly XmlElement[] {
  try {
    return childrenOf(parseXml(xmlText(bytes), 'the properties'));
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}

interface Relation {
  readonly id: string;
  /** The last part of its address, such as `worksheet`. */
  readonly type: string;
  /** Its path in the archive. */
  readonly part: string;
}

/** What a part refers to; the archive as a whole is the part ''. */
async function relationsOf(archive: Archive, part: string): Promise<readonly Relation[]> {
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

/** An Office file whose parts are found by what refers to them, whatever their names are. */
export interface Package {
  /** The part with the text: of a document, a presentation. */
  readonly main: string;
  /** A part's root element, or undefined where there is no such part. */
  part(name: string): Promise<XmlElement | undefined>;
  /** The name of the part that another one refers to by the id of a relation. */
  partOf(part: string, id: string): Promise<string | undefined>;
  /** The names of parts that another one refers to, by the type of the relation. */
  partsOf(part: string, type: string): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array | undefined>;
}

/** The part with a content type that begins and ends with something, by the package's list of types. */
async function partByType(archive: Archive, type: RegExp): Promise<string | undefined> {
  const bytes = await archive.read('[Content_Types].xml');
  if (!bytes) return undefined;
  const found = childrenOf(parseXml(xmlText(bytes), 'the list of parts')).find(
    ({ attributes }) => attributes['PartName'] !== undefined && type.test(attributes['ContentType'] ?? ''),
  );
  return found?.attributes['PartName']?.replace(/^\//, '');
}

/**
 * @param type of the content of its main part, such as `/wordprocessingml\..*main/`
 * @param usual where the main part usually is
 * @throws Unreadable when it has no main part
 */
export async function openPackage(file: Archive, type: RegExp, usual: string): Promise<Package> {
  const archive = archiveOfParts(file);
  const { read } = archive;
  const known = new Map<string, Promise<readonly Relation[]>>();
  const relations = (part: string): Promise<readonly Relation[]> => {
    const found = known.get(part) ?? relationsOf(archive, part);
    known.set(part, found);
    return found;
  };
  const isThere = (name: string | undefined): name is string => name !== undefined && archive.has(name);
  const related = (await relations('')).find((relation) => relation.type === 'officeDocument')?.part;
  const main = [related, await partByType(archive, type), usual].find(isThere);
  if (main === undefined) throw new Unreadable(`damaged: no ${related ?? usual}`);
  return {
    main,
    read,
    async part(name) {
      const bytes = await read(name);
      return bytes && parseXml(xmlText(bytes), name);
    },
    partOf: async (part, id) => (await relations(part)).find((relation) => relation.id === id)?.part,
    partsOf: async (part, wanted) =>
      (await relations(part)).filter((relation) => relation.type === wanted).map((relation) => relation.part),
  };
}
