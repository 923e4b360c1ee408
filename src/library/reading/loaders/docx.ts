import type { LoadedDocument } from './loader.ts';
import { coreProperties, openPackage } from './office/package.ts';
import { linesIn, writeBody } from './word/body.ts';
import { languageOfDocument } from './word/language.ts';
import { createNumbering } from './word/numbering.ts';
import { createReading, type NoteKind, remarksOn, type WordReading } from './word/reading.ts';
import { readStyles } from './word/styles.ts';
import { createWriter, type Writer } from './writer.ts';
import { childrenOf, elements, type XmlElement, xmlAttribute } from './xml.ts';
import { openArchive } from './zip.ts';

/** The text of the notes of a kind, by id, as far as the text refers to them. */
async function writeNotes(reading: WordReading, writer: Writer): Promise<void> {
  const kinds = { note: 'footnotes', endnote: 'endnotes', comment: 'comments' } as const;
  const byKind = new Map<NoteKind, Map<string, XmlElement>>();
  const lines: string[] = [];
  // Notes may refer to others.
  for (let i = 0; i < reading.marked.length; i++) {
    const note = reading.marked[i];
    if (!note) continue;
    const { kind, id, mark } = note;
    const [part] = await reading.office.partsOf(reading.office.main, kinds[kind]);
    if (!byKind.has(kind)) {
      const root = part === undefined ? undefined : await reading.office.part(part);
      byKind.set(
        kind,
        new Map((root ? childrenOf(root) : []).map((one) => [xmlAttribute(one, 'id') ?? '', one])),
      );
    }
    const found = byKind.get(kind)?.get(id);
    if (!found || part === undefined) {
      reading.count('parts', 1);
      continue;
    }
    const author = kind === 'comment' ? (xmlAttribute(found, 'author') ?? '') : '';
    const text = (await linesIn(found, { ...reading, part })).join(' ');
    lines.push(`${mark} ${author === '' ? '' : `${author}: `}${text}`);
  }
  if (lines.length === 0) return;
  writer.closeHeadings();
  writer.block(lines, { rows: true });
}

/** Headers and footers, each line once however many pages and sections have it. */
async function writeMargins(root: XmlElement, reading: WordReading, writer: Writer): Promise<void> {
  const lines = new Set<string>();
  const { office } = reading;
  for (const reference of [...elements(root, 'headerReference'), ...elements(root, 'footerReference')]) {
    const part = await office.partOf(office.main, xmlAttribute(reference, 'id') ?? '');
    const margin = part === undefined ? undefined : await office.part(part);
    if (!margin || part === undefined) continue;
    const kind = reference.name === 'headerReference' ? 'header' : 'footer';
    for (const line of await linesIn(margin, { ...reading, part, inMargin: true }))
      lines.add(`[${kind}] ${line}`);
  }
  if (lines.size === 0) return;
  writer.closeHeadings();
  writer.block([...lines], { rows: true });
}

interface Written {
  readonly remarks: readonly string[];
  readonly properties: Awaited<ReturnType<typeof coreProperties>>;
}

async function writeDocument(bytes: Uint8Array, writer: Writer, depth: number): Promise<Written> {
  const archive = await openArchive(bytes);
  const office = await openPackage(
    archive,
    /wordprocessingml\.\w+\.main|ms-word\.\w+\.macroEnabled/i,
    'word/document.xml',
  );
  const one = async (type: string): Promise<XmlElement | undefined> => {
    const [name] = await office.partsOf(office.main, type);
    return name === undefined ? undefined : office.part(name);
  };
  const root = await office.part(office.main);
  const styles = await one('styles');
  const reading = createReading(office, readStyles(styles), createNumbering(await one('numbering')));
  const inserted: string[] = [];
  const insert = async (inner: Uint8Array, into: Writer, at: number): Promise<void> => {
    inserted.push(...(await writeDocument(inner, into, at)).remarks);
  };
  const body = root && elements(root, 'body')[0];
  if (root && body) {
    await writeBody(body, reading, writer, { insert, depth });
    await writeMargins(root, reading, writer);
  }
  await writeNotes(reading, writer);
  const language = body && languageOfDocument(body, styles);
  return {
    remarks: [...new Set([...remarksOn(reading.leftOut), ...reading.told, ...inserted])],
    properties: { ...(language !== undefined && { language }), ...(await coreProperties(archive)) },
  };
}

/**
 * DOCX and its kin: headings by style or outline, with the numbers that Word computes, paragraphs, lists, tables, equations,
 * text boxes, charts, notes and comments with their marks, headers and footers once. Deleted text is left out; pictures are
 * their descriptions.
 */
export async function loadDocx(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const writer = createWriter();
  const { remarks, properties } = await writeDocument(bytes, writer, 0);
  const { text, blocks } = writer.result();
  const { title, ...metadata } = properties;
  return {
    ...{ title: title ?? blocks[0]?.heading[0] ?? name, text, metadata, blocks },
    ...(remarks.length > 0 && { remarks }),
  };
}
