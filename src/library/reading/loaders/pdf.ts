import { type LoadedDocument, maxText, tooMuchText, Unreadable } from './loader.ts';
import { annotationReader } from './pdf-annotations.ts';
import { createCmapFactory } from './pdf-cmaps.ts';
import {
  bodySize,
  headingLevels,
  linesOf,
  type PageLine,
  paragraphsOf,
  withoutRunningLines,
} from './pdf-layout.ts';
import { propertiesOf, wordsOf } from './pdf-properties.ts';
import { createWriter } from './writer.ts';

type Pdf = Awaited<ReturnType<typeof import('unpdf').getDocumentProxy>>;

/** Fewer characters on a page than this are a stamp or its number, not text. */
const minCharacters = 3;
/** Pages and files that a remark names. */
const maxNamed = 10;

async function open(bytes: Uint8Array): Promise<Pdf> {
  const { getDocumentProxy } = await import('unpdf');
  try {
    // The library detaches the buffer it is given, and does not accept a Buffer.
    return await getDocumentProxy(new Uint8Array(bytes), {
      ...{ verbosity: 0, stopAtErrors: false, useWorkerFetch: false },
      ...{ cMapUrl: 'cmaps/', cMapPacked: true, BinaryDataFactory: createCmapFactory },
    });
  } catch (error) {
    const { name } = error as Error;
    if (name === 'PasswordException') throw new Unreadable('encrypted: needs a password');
    throw new Unreadable('damaged: not a valid PDF');
  }
}

interface Pages {
  readonly lines: PageLine[][];
  /** What was filled in and noted, by page. */
  readonly added: string[][];
  /** Numbers of pages that could not be read. */
  readonly damaged: number[];
}

async function pagesOf(pdf: Pdf): Promise<Pages> {
  const pages: PageLine[][] = [];
  const added: string[][] = [];
  const damaged: number[] = [];
  const linesOn = await annotationReader(pdf);
  let length = 0;
  for (let number = 1; number <= pdf.numPages; number++) {
    let lines: PageLine[] = [];
    let more: string[] = [];
    try {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      lines = linesOf(items);
      more = await linesOn(page, number - 1);
      page.cleanup();
    } catch {
      // One broken page does not spoil the others.
      damaged.push(number);
    }
    for (const { text } of lines) length += text.length;
    for (const text of more) length += text.length;
    if (length > maxText) throw new Unreadable(tooMuchText());
    pages.push(lines);
    added.push(more);
  }
  return { lines: pages, added, damaged };
}

function numbersOf(pages: readonly number[]): string {
  const more = pages.length > maxNamed ? ` and ${pages.length - maxNamed} more` : '';
  return `${pages.slice(0, maxNamed).join(', ')}${more}`;
}

/** Letters of fonts that do not say what they mean: of the private area, or none at all. */
const meaningless = /[\uE000-\uF8FF\uFFFD\u{F0000}-\u{10FFFD}]/gu;
/** A smaller share of such letters are bullets and signs. */
const worthSaying = 0.02;

function remarksOn({ lines, added, damaged }: Pages, files: readonly string[]): string[] {
  const texts = lines.map((page, i) => page.map(({ text }) => text).join(' ') + (added[i] ?? []).join(' '));
  const empty = texts.flatMap((text, i) => (text.trim().length < minCharacters ? [i + 1] : []));
  const silent = empty.filter((page) => !damaged.includes(page));
  const all = texts.join('');
  const share = (all.match(meaningless)?.length ?? 0) / Math.max(1, all.length);
  const [verb, are] = silent.length === 1 ? ['holds', 'page'] : ['hold', 'pages'];
  return [
    ...(silent.length > 0
      ? [
          `${silent.length} of ${texts.length} pages ${verb} no text (${are} ${numbersOf(silent)}): scanned pictures of text are not read`,
        ]
      : []),
    ...(damaged.length > 0
      ? [`${damaged.length} of ${texts.length} pages cannot be read (${numbersOf(damaged)})`]
      : []),
    ...(share > worthSaying
      ? [`${Math.round(share * 100)} % of its letters are of fonts that do not say which letters they are`]
      : []),
    ...(files.length > 0
      ? [
          `${files.length} attached ${files.length === 1 ? 'file is' : 'files are'} not read (${files.slice(0, maxNamed).join(', ')})`,
        ]
      : []),
  ];
}

async function attachedTo(pdf: Pdf): Promise<string[]> {
  const found: unknown = await pdf.getAttachments().catch(() => undefined);
  return found === null || typeof found !== 'object' ? [] : Object.keys(found);
}

async function infoOf(pdf: Pdf): Promise<Readonly<Record<string, unknown>>> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  return info as Record<string, unknown>;
}

/** A form whose fields are in XML shows other viewers one page, which says that they cannot show it. */
const xfaRemarks = ({ IsXFAPresent, IsAcroFormPresent }: Readonly<Record<string, unknown>>): string[] =>
  IsXFAPresent === true && IsAcroFormPresent !== true
    ? ['its form is an XFA form, which is not read: save it as a plain PDF (Acrobat: print to PDF)']
    : [];

/**
 * PDF: the text of every page in paragraphs; larger type makes headings; running headers and footers are dropped. A
 * paragraph that continues across a page break belongs to the page it begins on.
 */
export async function loadPdf(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const pdf = await open(bytes);
  try {
    const found = await pagesOf(pdf);
    const pages = withoutRunningLines(found.lines);
    const lengths = pages.map((lines, i) =>
      [...lines.map(({ text }) => text), ...(found.added[i] ?? [])].reduce(
        (sum, text) => sum + text.length,
        0,
      ),
    );
    if (Math.max(0, ...lengths) < minCharacters) {
      const count = pages.length === 1 ? 'its page' : `its ${pages.length} pages`;
      throw new Unreadable(`no text on ${count}: scanned? Run text recognition (OCR) on it first`);
    }
    const levels = headingLevels(pages, bodySize(pages));
    const writer = createWriter();
    let firstHeading: string | undefined;
    for (const [i, paragraphs] of paragraphsOf(pages, levels).entries()) {
      writer.place({ page: i + 1 }, `[page ${i + 1}]`);
      for (const { lines, level } of paragraphs) {
        if (level === 1 && i === 0) firstHeading ??= wordsOf(lines.join(' '));
        if (level !== undefined) writer.heading(level, lines.join(' '));
        else writer.block(lines);
      }
      writer.block(found.added[i] ?? [], { rows: true });
    }
    const info = await infoOf(pdf);
    const remarks = [...remarksOn(found, await attachedTo(pdf)), ...xfaRemarks(info)];
    const { text, blocks } = writer.result();
    const { title, ...metadata } = propertiesOf(info);
    return {
      title: title ?? firstHeading ?? name,
      text,
      metadata: { ...metadata, pages: pages.length },
      blocks,
      ...(remarks.length > 0 && { remarks }),
    };
  } finally {
    await pdf.loadingTask.destroy();
  }
}
