import type { LoadedDocument } from './loader.ts';
import { coreProperties, openPackage, type Package } from './office/package.ts';
import { drawnParagraphs } from './office/paragraphs.ts';
import { commentsOf, createLayouts, furniture, type Layout, notesOf, sectionsOf } from './slides/beside.ts';
import { nothingLeftOut, remarksOnSlides, type SlidesLeftOut } from './slides/left-out.ts';
import { placeholderOf, shapesOf, writeShape } from './slides/shapes.ts';
import { createWriter, type Writer } from './writer.ts';
import { childOf, elements, firstOf, type XmlElement, xmlAttribute } from './xml.ts';
import { openArchive } from './zip.ts';

/** What the slides of one presentation have in common. */
interface Slides {
  readonly office: Package;
  readonly leftOut: SlidesLeftOut;
  readonly layoutOf: ReturnType<typeof createLayouts>;
  /** Lines that stand on many slides: footers, words of the design. */
  readonly repeated: Set<string>;
}

const titles = /^(title|ctrTitle)$/;

const linesOf = (shape: XmlElement): string[] =>
  drawnParagraphs(childOf(shape, 'txBody') ?? shape).filter((line) => line !== '');

/** A date that a program puts there is none of the text. */
const isToday = (shape: XmlElement): boolean =>
  elements(shape, 'fld').some((field) => /^datetime/.test(xmlAttribute(field, 'type') ?? ''));

/** Lines of the design and of footers that no slide before has. */
function newLines(
  shapes: readonly XmlElement[],
  { lines }: Layout,
  typeOf: (shape: XmlElement) => string,
  known: Set<string>,
): string[] {
  const footers = shapes.filter((one) => /^(ftr|dt)$/.test(typeOf(one)) && !isToday(one)).flatMap(linesOf);
  const all = [...footers.map((line) => `[footer] ${line}`), ...lines.map((line) => `[design] ${line}`)];
  const found = [...new Set(all)].filter((line) => !known.has(line));
  for (const line of found) known.add(line);
  return found;
}

/** Writes what belongs to a slide and does not stand on it. */
async function writeBeside(part: string, { office, leftOut }: Slides, writer: Writer): Promise<void> {
  const notes = await notesOf(office, part);
  for (const [name, [first, ...rest]] of [
    ['Notes', notes?.lines ?? []],
    ['Comments', await commentsOf(office, part)],
  ] as const) {
    if (first !== undefined) writer.block([`${name}: ${first}`, ...rest]);
  }
  for (const shape of notes?.shapes ?? [])
    await writeShape(shape, { part: notes?.part ?? part, office, leftOut }, writer);
}

const controlsOf = (slide: XmlElement): string[] =>
  elements(slide, 'controls').flatMap((controls) =>
    elements(controls, 'control').map((control) => xmlAttribute(control, 'name') ?? ''),
  );

async function writeSlide(
  part: string,
  slides: Slides,
  writer: Writer,
  section: string | undefined,
): Promise<string | undefined> {
  const { office, leftOut } = slides;
  const slide = await office.part(part);
  const tree = slide && firstOf(slide, 'spTree');
  if (!slide || !tree) {
    leftOut.slides++;
    return undefined;
  }
  const layout = await slides.layoutOf(part, slide);
  const typeOf = (shape: XmlElement): string => {
    const found = placeholderOf(shape);
    return found ? found.type || (layout.types.get(found.index) ?? '') : '';
  };
  const all = shapesOf(tree);
  const shapes = all.filter((shape) => !furniture.has(typeOf(shape)));
  const title = shapes.find((shape) => titles.test(typeOf(shape)));
  const titleText = title ? linesOf(title).join(' ') : '';
  if (titleText !== '') writer.heading(1, titleText);
  if (section !== undefined) writer.block([`[section ${section}]`]);
  if (/^(0|false)$/.test(xmlAttribute(slide, 'show') ?? '')) writer.block(['[hidden slide]']);
  for (const shape of shapes) if (shape !== title) await writeShape(shape, { part, office, leftOut }, writer);
  leftOut.objects.push(...controlsOf(slide));
  await writeBeside(part, slides, writer);
  writer.block(newLines(all, layout, typeOf, slides.repeated), { rows: true });
  return titleText === '' ? undefined : titleText;
}

/** The id of the relation to a slide, which has a prefix as its own id has none. */
const relationOf = (slide: XmlElement): string =>
  Object.entries(slide.attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';

/**
 * PPTX and its kin: slides in their order, with title, text, tables, charts, diagrams, notes and comments, and what many of
 * them show once.
 */
export async function loadPptx(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const office = await openPackage(
    archive,
    /presentationml\.\w+\.main|ms-powerpoint\.\w+\.macroEnabled/i,
    'ppt/presentation.xml',
  );
  const root = await office.part(office.main);
  const writer = createWriter();
  const leftOut = nothingLeftOut();
  const common: Slides = { office, leftOut, repeated: new Set(), layoutOf: createLayouts(office) };
  let firstTitle: string | undefined;
  const list = root && elements(root, 'sldIdLst')[0];
  const slides = list ? elements(list, 'sldId') : [];
  const sections = root ? sectionsOf(root) : new Map<string, string>();
  for (const [i, slide] of slides.entries()) {
    writer.closeHeadings();
    writer.place({ slide: i + 1 }, `[slide ${i + 1}]`);
    const part = (await office.partOf(office.main, relationOf(slide))) ?? '';
    const title = await writeSlide(part, common, writer, sections.get(slide.attributes['id'] ?? ''));
    firstTitle ??= title;
  }
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await coreProperties(archive);
  const remarks = remarksOnSlides(leftOut);
  return {
    ...{ title: title ?? firstTitle ?? name, text, blocks },
    metadata: { ...metadata, slides: slides.length },
    ...(remarks.length > 0 && { remarks }),
  };
}
