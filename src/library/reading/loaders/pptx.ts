import { type LoadedDocument, Unreadable } from './loader.ts';
import { coreProperties, relationsOf } from './office/package.ts';
import { createWriter, type Writer } from './writer.ts';
import { childrenOf, elements, parseXml, textIn, type XmlElement, xmlText } from './xml.ts';
import { type Archive, openArchive } from './zip.ts';

const presentation = 'ppt/presentation.xml';

async function part(archive: Archive, name: string): Promise<XmlElement | undefined> {
  const bytes = await archive.read(name);
  return bytes && parseXml(xmlText(bytes), name);
}

/** The paragraphs of a text body, one per line; a line break inside one becomes a space. */
function paragraphsOf(body: XmlElement): string[] {
  return elements(body, 'p').map((paragraph) =>
    childrenOf(paragraph)
      .map((run) => (run.name === 'br' ? ' ' : elements(run, 't').map(textIn).join('')))
      .join('')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

/** The placeholder type of a shape: `title`, `ctrTitle`, `sldNum` … */
function placeholderOf(shape: XmlElement): string {
  return elements(shape, 'ph')[0]?.attributes['type'] ?? '';
}

/** Shapes in slide order, those inside groups included. */
function shapesOf(tree: XmlElement): XmlElement[] {
  return childrenOf(tree).flatMap((child) =>
    child.name === 'grpSp' || child.name === 'AlternateContent' || child.name === 'Choice'
      ? shapesOf(child)
      : child.name === 'sp' || child.name === 'graphicFrame'
        ? [child]
        : [],
  );
}

const unwanted = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

function writeShape(shape: XmlElement, writer: Writer): void {
  const tables = elements(shape, 'tbl');
  for (const table of tables) {
    const rows = elements(table, 'tr').map((row) =>
      elements(row, 'tc')
        .map((cell) => paragraphsOf(cell).join(' ').trim())
        .join(' | '),
    );
    const header = rows[0];
    writer.block(rows, { rows: true, ...(header && rows.length > 1 && { header }) });
  }
  if (tables.length === 0) writer.block(paragraphsOf(shape));
}

function titleOf(shapes: readonly XmlElement[]): XmlElement | undefined {
  return shapes.find((shape) => /^(title|ctrTitle)$/.test(placeholderOf(shape)));
}

async function notesOf(archive: Archive, slide: string): Promise<string[]> {
  const name = (await relationsOf(archive, slide)).find(({ type }) => type === 'notesSlide')?.part;
  const notes = name === undefined ? undefined : await part(archive, name);
  const tree = notes && elements(notes, 'spTree')[0];
  const shapes = tree ? shapesOf(tree).filter((shape) => !unwanted.has(placeholderOf(shape))) : [];
  return shapes.flatMap(paragraphsOf).filter((line) => line !== '');
}

async function writeSlide(archive: Archive, name: string, writer: Writer): Promise<string | undefined> {
  const slide = await part(archive, name);
  const tree = slide && elements(slide, 'spTree')[0];
  if (!tree) return undefined;
  const shapes = shapesOf(tree).filter((shape) => !unwanted.has(placeholderOf(shape)));
  const title = titleOf(shapes);
  const titleText = title ? paragraphsOf(title).join(' ').trim() : '';
  if (titleText !== '') writer.heading(1, titleText);
  const rest = shapes.filter((shape) => shape !== title);
  for (const shape of rest) writeShape(shape, writer);
  const notes = await notesOf(archive, name);
  if (notes.length > 0) writer.block([`Notes: ${notes[0]}`, ...notes.slice(1)]);
  return titleText === '' ? undefined : titleText;
}

/** PPTX: slides in presentation order, with title, text, tables and speaker notes. */
export async function loadPptx(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  const root = await part(archive, presentation);
  if (!root) throw new Unreadable(`damaged: no ${presentation}`);
  const slides = new Map((await relationsOf(archive, presentation)).map(({ id, part }) => [id, part]));
  const writer = createWriter();
  let firstTitle: string | undefined;
  const ids = elements(root, 'sldId').map(({ attributes }) => attributes['r:id'] ?? '');
  for (const [i, id] of ids.entries()) {
    writer.closeHeadings();
    writer.place({ slide: i + 1 }, `[slide ${i + 1}]`);
    const title = await writeSlide(archive, slides.get(id) ?? '', writer);
    firstTitle ??= title;
  }
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await coreProperties(archive);
  return { title: title ?? firstTitle ?? name, text, metadata: { ...metadata, slides: ids.length }, blocks };
}
