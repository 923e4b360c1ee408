import { tidy } from '../../../../tidy.ts';
import type { Package } from '../office/package.ts';
import { drawnParagraphs } from '../office/paragraphs.ts';
import { childOf, childrenOf, elements, firstOf, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import { placeholderOf, shapesOf } from './shapes.ts';

// What stands beside the slides: notes, comments, and the words that the design puts on each of them.

/** Placeholders of what is the same on each page, or of its number. */
export const furniture = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

const textsIn = (shape: XmlElement): string[] =>
  elements(shape, 'txBody')
    .flatMap(drawnParagraphs)
    .filter((line) => line !== '');

/** A slide's notes, with the shapes of other things that stand on their page. */
export async function notesOf(
  office: Package,
  slide: string,
): Promise<{ readonly part: string; readonly lines: string[]; readonly shapes: XmlElement[] } | undefined> {
  const [part] = await office.partsOf(slide, 'notesSlide');
  const notes = part === undefined ? undefined : await office.part(part);
  const tree = notes && firstOf(notes, 'spTree');
  if (part === undefined || !tree) return undefined;
  const shapes = shapesOf(tree).filter((shape) => !furniture.has(placeholderOf(shape)?.type ?? ''));
  return {
    part,
    lines: shapes.flatMap(textsIn),
    shapes: shapes.filter((shape) => !childOf(shape, 'txBody')),
  };
}

/** Names of those who comment, by their ids, in the way of older and newer programs. */
async function authorsOf(office: Package): Promise<ReadonlyMap<string, string>> {
  const authors = new Map<string, string>();
  for (const type of ['commentAuthors', 'authors']) {
    for (const name of await office.partsOf(office.main, type)) {
      const root = await office.part(name);
      for (const one of root ? childrenOf(root) : [])
        authors.set(xmlAttribute(one, 'id') ?? '', tidy(xmlAttribute(one, 'name') ?? ''));
    }
  }
  return authors;
}

/** Comments of older and newer programs, with the answers to them. */
export async function commentsOf(office: Package, slide: string): Promise<string[]> {
  const lines: string[] = [];
  const parts = await office.partsOf(slide, 'comments');
  if (parts.length === 0) return lines;
  const authors = await authorsOf(office);
  const add = (comment: XmlElement): void => {
    const own = childrenOf(comment).filter(({ name }) => name === 'text' || name === 'txBody');
    const text = own
      .map((one) => (one.name === 'text' ? textIn(one) : drawnParagraphs(one).join(' ')))
      .join(' ');
    const author = authors.get(xmlAttribute(comment, 'authorId') ?? '') ?? '';
    if (text.trim() !== '') lines.push(`${author === '' ? '' : `${author}: `}${tidy(text)}`);
    for (const reply of elements(comment, 'reply')) add(reply);
  };
  for (const name of parts) {
    const root = await office.part(name);
    for (const comment of root ? elements(root, 'cm') : []) add(comment);
  }
  return lines;
}

/** A layout with what stands on it and is no place for something of the slide. */
export interface Layout {
  /** The types of its placeholders, by their numbers. */
  readonly types: ReadonlyMap<string, string>;
  readonly lines: readonly string[];
}

const isOff = (element: XmlElement, name: string): boolean =>
  /^(0|false)$/.test(xmlAttribute(element, name) ?? '');

/** Reads layouts, each once. */
export function createLayouts(office: Package): (slide: string, root: XmlElement) => Promise<Layout> {
  const known = new Map<string, Promise<{ readonly layout: Layout; readonly master: readonly string[] }>>();
  const linesOf = (tree: XmlElement | undefined): string[] =>
    (tree ? shapesOf(tree) : []).filter((shape) => !placeholderOf(shape)).flatMap(textsIn);

  async function read(name: string): Promise<{ layout: Layout; master: readonly string[] }> {
    const root = await office.part(name);
    const tree = root && firstOf(root, 'spTree');
    const found = (tree ? shapesOf(tree) : []).map(placeholderOf);
    const types = new Map<string, string>();
    for (const one of found) if (one && !types.has(one.index)) types.set(one.index, one.type);
    const [masterName] = await office.partsOf(name, 'slideMaster');
    const master = masterName === undefined ? undefined : await office.part(masterName);
    const showsMaster = root !== undefined && !isOff(root, 'showMasterSp');
    return {
      layout: { types, lines: linesOf(tree) },
      master: showsMaster && master ? linesOf(firstOf(master, 'spTree')) : [],
    };
  }

  return async (slide, root) => {
    const [name] = await office.partsOf(slide, 'slideLayout');
    if (name === undefined) return { types: new Map(), lines: [] };
    const reading = known.get(name) ?? read(name);
    known.set(name, reading);
    const { layout, master } = await reading;
    if (isOff(root, 'showMasterSp')) return { ...layout, lines: [] };
    return { ...layout, lines: [...master, ...layout.lines] };
  };
}

/** The names of sections, by the id of their first slide. */
export function sectionsOf(presentation: XmlElement): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const [list] = elements(presentation, 'sectionLst');
  for (const section of list ? elements(list, 'section') : []) {
    const [first] = elements(section, 'sldId');
    const name = tidy(xmlAttribute(section, 'name') ?? '');
    const id = first && xmlAttribute(first, 'id');
    if (id !== undefined && name !== '') names.set(id, name);
  }
  return names;
}
