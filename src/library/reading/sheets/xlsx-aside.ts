import { tidy } from '../../../tidy.ts';
import { readDrawing } from '../loaders/office/drawing.ts';
import type { Package } from '../loaders/office/package.ts';
import { drawnParagraphs } from '../loaders/office/paragraphs.ts';
import {
  childrenOf,
  elements,
  parseXml,
  textIn,
  type XmlElement,
  xmlAttribute,
  xmlText,
} from '../loaders/xml.ts';
import { placeOf, rangeOf } from './references.ts';
import type { CellNote, CellRange, SheetAside } from './sheet.ts';
import type { FoundElement } from './xlsx-cells.ts';

const margins = /^(odd|even|first)(Header|Footer)$/;

/** Elements of a sheet beside its cells that `xlsxAside` reads. */
export const asideElements: ReadonlySet<string> = new Set([
  ...['odd', 'even', 'first'].flatMap((page) => [`${page}Header`, `${page}Footer`]),
  'hyperlink',
]);

/** A header or footer without the codes for its fonts, and for numbers, names and times that are computed. */
const marginText = (text: string): string =>
  tidy(
    text
      .replace(/&&/g, '\u0000')
      .replace(/&"[^"]*"|&K(?:[0-9a-f]{6}|\d\d[+-]\d{3})|&\d{1,3}|&[BIUESXYPNDTFAZGOH]/gi, '')
      .replace(/&[LCR]/g, ' ')
      .replaceAll('\u0000', '&'),
  );

function marginLines(found: readonly FoundElement[]): string[] {
  const lines = found.flatMap(({ name, text }) => {
    const kind = margins.exec(name)?.[2]?.toLowerCase();
    const line = marginText(text);
    return kind === undefined || !/\p{L}{2}/u.test(line) ? [] : [`[${kind}] ${line}`];
  });
  return [...new Set(lines)];
}

function noteAt(reference: string | undefined, text: string): CellNote[] {
  const place = placeOf((reference ?? '').split(':')[0] ?? '');
  return place === undefined || text === '' ? [] : [{ row: place[0], column: place[1], text }];
}

/** Where links lead that do not stay in the workbook, by the ids of their relations. */
async function outerTargets(parts: Package, part: string): Promise<ReadonlyMap<string, string>> {
  const slash = part.lastIndexOf('/') + 1;
  const name = `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`;
  const bytes = await parts.read(name);
  const relations = bytes ? childrenOf(parseXml(xmlText(bytes), name)) : [];
  return new Map(
    relations
      .filter((relation) => xmlAttribute(relation, 'TargetMode') === 'External')
      .map((relation) => [xmlAttribute(relation, 'Id') ?? '', xmlAttribute(relation, 'Target') ?? '']),
  );
}

async function linkNotes(parts: Package, part: string, found: readonly FoundElement[]): Promise<CellNote[]> {
  const links = found.filter(({ name }) => name === 'hyperlink');
  if (links.length === 0) return [];
  const targets = await outerTargets(parts, part);
  return links.flatMap(({ attributes }) => {
    const id = xmlAttribute({ name: '', attributes, children: [] }, 'id');
    const target = id === undefined ? undefined : targets.get(id);
    return target === undefined ? [] : noteAt(attributes['ref'], target.replace(/^mailto:/, ''));
  });
}

const richText = (element: XmlElement): string =>
  childrenOf(element)
    .map((child) => (child.name === 'rPh' ? '' : child.name === 't' ? textIn(child) : richText(child)))
    .join('');

async function persons(parts: Package): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const part of await parts.partsOf(parts.main, 'person')) {
    const root = await parts.part(part);
    for (const person of root ? elements(root, 'person') : [])
      names.set(xmlAttribute(person, 'id') ?? '', xmlAttribute(person, 'displayName') ?? '');
  }
  return names;
}

/** Comments that answer each other, with who wrote them. */
async function threadNotes(parts: Package, part: string): Promise<CellNote[]> {
  const found = await parts.partsOf(part, 'threadedComment');
  if (found.length === 0) return [];
  const names = await persons(parts);
  const notes: CellNote[] = [];
  for (const name of found) {
    const root = await parts.part(name);
    for (const comment of root ? elements(root, 'threadedComment') : []) {
      const author = names.get(xmlAttribute(comment, 'personId') ?? '') ?? '';
      const text = tidy(elements(comment, 'text').map(textIn).join(' '));
      notes.push(
        ...noteAt(xmlAttribute(comment, 'ref'), `[comment: ${author === '' ? '' : `${author}: `}${text}]`),
      );
    }
  }
  return notes;
}

/** Notes, but for those that older programs show in place of a comment that is a thread. */
async function oldNotes(parts: Package, part: string, threads: readonly CellNote[]): Promise<CellNote[]> {
  const isThread = new Set(threads.map(({ row, column }) => `${row} ${column}`));
  const notes: CellNote[] = [];
  for (const name of await parts.partsOf(part, 'comments')) {
    const root = await parts.part(name);
    for (const comment of root ? elements(root, 'comment') : []) {
      const text = tidy(elements(comment, 'text').map(richText).join(' '));
      for (const note of noteAt(xmlAttribute(comment, 'ref'), `[note: ${text}]`))
        if (!isThread.has(`${note.row} ${note.column}`)) notes.push(note);
    }
  }
  return notes;
}

/** The texts of boxes and shapes, the charts and the pictures that lie over a sheet. */
async function drawn(parts: Package, part: string) {
  const lines: string[] = [];
  let [pictures, objects] = [0, 0];
  for (const name of await parts.partsOf(part, 'drawing')) {
    const root = await parts.part(name);
    for (const anchor of root ? childrenOf(root) : []) {
      for (const body of elements(anchor, 'txBody')) lines.push(...drawnParagraphs(body));
      const found = await readDrawing(anchor, name, parts);
      lines.push(...found.lines, ...found.descriptions.map((text) => `[${text}]`));
      pictures += found.pictures;
      objects += found.objects.length + found.media + found.missing;
    }
  }
  return { lines: lines.filter((line) => line !== ''), pictures, objects };
}

async function tableRanges(parts: Package, part: string): Promise<CellRange[]> {
  const ranges: CellRange[] = [];
  for (const name of await parts.partsOf(part, 'table')) {
    const root = await parts.part(name);
    const range = root && rangeOf(xmlAttribute(root, 'ref') ?? '');
    if (range && xmlAttribute(root, 'headerRowCount') !== '0') ranges.push(range);
  }
  return ranges;
}

/** Controls on a sheet, such as buttons and checkboxes; its notes have shapes, too. */
async function controlsIn(parts: Package, part: string): Promise<number> {
  let count = 0;
  for (const name of await parts.partsOf(part, 'vmlDrawing')) {
    const bytes = await parts.read(name);
    const types = bytes ? [...xmlText(bytes).matchAll(/ObjectType="(\w+)"/g)] : [];
    count += types.filter(([, type]) => type !== 'Note' && type !== 'Pict').length;
  }
  return count;
}

/** What a sheet holds besides its cells. @param found elements of its part, of those in `asideElements` */
export async function xlsxAside(
  parts: Package,
  part: string,
  found: readonly FoundElement[],
): Promise<SheetAside> {
  const threads = await threadNotes(parts, part);
  const { lines, pictures, objects } = await drawn(parts, part);
  const embedded = await parts.partsOf(part, 'oleObject');
  const packages = await parts.partsOf(part, 'package');
  return {
    notes: [...(await linkNotes(parts, part, found)), ...threads, ...(await oldNotes(parts, part, threads))],
    lines: [...lines, ...marginLines(found)],
    tables: await tableRanges(parts, part),
    leftOut: {
      pictures,
      objects: objects + embedded.length + packages.length,
      controls: await controlsIn(parts, part),
    },
  };
}
