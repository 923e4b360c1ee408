import type { LoadedDocument } from './loader.ts';
import { readDrawing } from './office/drawing.ts';
import { coreProperties, openPackage, type Package } from './office/package.ts';
import { drawnParagraphs } from './office/paragraphs.ts';
import { createWriter, type Writer } from './writer.ts';
import { childOf, childrenOf, elements, firstOf, textIn, type XmlElement, xmlAttribute } from './xml.ts';
import { openArchive } from './zip.ts';

/** What of the slides is not in the text. */
interface LeftOut {
  pictures: number;
  objects: number;
  missing: number;
}

/** The placeholder of a shape: its type, and the number by which its layout may name the type. */
function placeholderOf(shape: XmlElement): { readonly type: string; readonly index: string } | undefined {
  const found = firstOf(shape, 'ph');
  return found && { type: xmlAttribute(found, 'type') ?? '', index: xmlAttribute(found, 'idx') ?? '' };
}

/** Shapes in slide order, those inside groups included; of alternatives the first. */
function shapesOf(tree: XmlElement): XmlElement[] {
  return childrenOf(tree).flatMap((child) => {
    if (child.name === 'AlternateContent')
      return shapesOf({ ...child, children: childrenOf(child).slice(0, 1) });
    if (child.name === 'grpSp' || child.name === 'Choice' || child.name === 'Fallback')
      return shapesOf(child);
    return ['sp', 'graphicFrame', 'pic', 'cxnSp'].includes(child.name) ? [child] : [];
  });
}

const unwanted = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

/** Rows of a table, of which each reads whole: a cell over several columns or rows is in each of them. */
function rowsOf(table: XmlElement): string[] {
  let above: string[] = [];
  return elements(table, 'tr').map((row) => {
    const values: string[] = [];
    for (const cell of childrenOf(row).filter(({ name }) => name === 'tc')) {
      const isOn = (name: string): boolean => /^(1|true)$/.test(xmlAttribute(cell, name) ?? '');
      const own = drawnParagraphs(cell)
        .filter((line) => line !== '')
        .join('; ');
      if (isOn('hMerge')) values.push(values.at(-1) ?? '');
      else values.push(isOn('vMerge') ? (above[values.length] ?? '') : own);
    }
    above = values;
    return values.join(' | ');
  });
}

async function writeShape(
  shape: XmlElement,
  { part, office, leftOut }: { part: string; office: Package; leftOut: LeftOut },
  writer: Writer,
): Promise<void> {
  const tables = elements(shape, 'tbl');
  for (const rows of tables.map(rowsOf)) {
    const header = rows[0];
    writer.block(rows, { rows: true, ...(header && rows.length > 1 && { header }) });
  }
  const text = childOf(shape, 'txBody');
  if (text) writer.block(drawnParagraphs(text));
  const { lines, descriptions, pictures, objects } = await readDrawing(shape, part, office);
  writer.block(lines);
  // What a shape with text is called repeats the text.
  if (!text && tables.length === 0 && lines.length === 0)
    writer.block(descriptions.map((line) => `[${line}]`));
  leftOut.pictures += pictures;
  leftOut.objects += objects.length;
}

/** The types of the placeholders of a slide's layout, by their numbers. */
async function layoutTypes(office: Package, slide: string): Promise<ReadonlyMap<string, string>> {
  const [name] = await office.partsOf(slide, 'slideLayout');
  const layout = name === undefined ? undefined : await office.part(name);
  const tree = layout && firstOf(layout, 'spTree');
  const found = (tree ? shapesOf(tree) : []).map(placeholderOf);
  return new Map(found.flatMap((one) => (one && one.index !== '' ? [[one.index, one.type] as const] : [])));
}

async function notesOf(office: Package, slide: string): Promise<string[]> {
  const [name] = await office.partsOf(slide, 'notesSlide');
  const notes = name === undefined ? undefined : await office.part(name);
  const tree = notes && firstOf(notes, 'spTree');
  const shapes = tree
    ? shapesOf(tree).filter((shape) => !unwanted.has(placeholderOf(shape)?.type ?? ''))
    : [];
  return shapes
    .flatMap((shape) => elements(shape, 'txBody').flatMap(drawnParagraphs))
    .filter((line) => line !== '');
}

/** Comments of older and newer programs. */
async function commentsOf(office: Package, slide: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of await office.partsOf(slide, 'comments')) {
    const root = await office.part(name);
    for (const comment of root ? elements(root, 'cm') : []) {
      const text = [...elements(comment, 'text'), ...elements(comment, 't')].map(textIn).join(' ');
      if (text.trim() !== '') lines.push(text.replace(/\s+/g, ' ').trim());
    }
  }
  return lines;
}

const titles = /^(title|ctrTitle)$/;

async function writeSlide(
  office: Package,
  part: string,
  leftOut: LeftOut,
  writer: Writer,
): Promise<string | undefined> {
  const slide = await office.part(part);
  const tree = slide && firstOf(slide, 'spTree');
  if (!slide || !tree) {
    leftOut.missing++;
    return undefined;
  }
  const types = await layoutTypes(office, part);
  const typeOf = (shape: XmlElement): string => {
    const found = placeholderOf(shape);
    return found ? found.type || (types.get(found.index) ?? '') : '';
  };
  const shapes = shapesOf(tree).filter((shape) => !unwanted.has(typeOf(shape)));
  const title = shapes.find((shape) => titles.test(typeOf(shape)));
  const titleText = title
    ? drawnParagraphs(childOf(title, 'txBody') ?? title)
        .join(' ')
        .trim()
    : '';
  if (titleText !== '') writer.heading(1, titleText);
  if (/^(0|false)$/.test(xmlAttribute(slide, 'show') ?? '')) writer.block(['[hidden slide]']);
  for (const shape of shapes) if (shape !== title) await writeShape(shape, { part, office, leftOut }, writer);
  for (const [name, lines] of [
    ['Notes', await notesOf(office, part)],
    ['Comments', await commentsOf(office, part)],
  ] as const) {
    if (lines.length > 0) writer.block([`${name}: ${lines[0]}`, ...lines.slice(1)]);
  }
  return titleText === '' ? undefined : titleText;
}

const amount = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${many}`];

const remarksOn = ({ pictures, objects, missing }: LeftOut): string[] => [
  ...amount(
    pictures,
    'picture without a description is not read',
    'pictures without a description are not read',
  ),
  ...amount(objects, 'embedded object is not read', 'embedded objects are not read'),
  ...amount(missing, 'slide is missing in the file', 'slides are missing in the file'),
];

/** PPTX and its kin: slides in their order, with title, text, tables, charts, diagrams, notes and comments. */
export async function loadPptx(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const office = await openPackage(
    archive,
    /presentationml\.\w+\.main|ms-powerpoint\.\w+\.macroEnabled/i,
    'ppt/presentation.xml',
  );
  const root = await office.part(office.main);
  const writer = createWriter();
  const leftOut: LeftOut = { pictures: 0, objects: 0, missing: 0 };
  let firstTitle: string | undefined;
  const slides = root ? elements(root, 'sldId') : [];
  for (const [i, slide] of slides.entries()) {
    const relation = Object.entries(slide.attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
    writer.closeHeadings();
    writer.place({ slide: i + 1 }, `[slide ${i + 1}]`);
    const title = await writeSlide(
      office,
      (await office.partOf(office.main, relation)) ?? '',
      leftOut,
      writer,
    );
    firstTitle ??= title;
  }
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await coreProperties(archive);
  const remarks = remarksOn(leftOut);
  return {
    ...{ title: title ?? firstTitle ?? name, text, blocks },
    metadata: { ...metadata, slides: slides.length },
    ...(remarks.length > 0 && { remarks }),
  };
}
