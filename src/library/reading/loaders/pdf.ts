import { normalDate } from './dates.ts';
import { type LoadedDocument, maxText, tooMuchText, Unreadable } from './loader.ts';
import {
  bodySize,
  headingLevels,
  linesOf,
  type PageLine,
  paragraphsOf,
  withoutRunningLines,
} from './pdf-layout.ts';
import { createWriter } from './writer.ts';

type Pdf = Awaited<ReturnType<typeof import('unpdf').getDocumentProxy>>;

/** Fewer characters per page than this are stamps and page numbers, not text. */
const minCharacters = 3;

async function open(bytes: Uint8Array): Promise<Pdf> {
  const { getDocumentProxy } = await import('unpdf');
  try {
    // The library detaches the buffer it is given, and does not accept a Buffer.
    return await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, stopAtErrors: false });
  } catch (error) {
    const { name } = error as Error;
    if (name === 'PasswordException') throw new Unreadable('encrypted: needs a password');
    throw new Unreadable('damaged: not a valid PDF');
  }
}

async function pagesOf(pdf: Pdf): Promise<PageLine[][]> {
  const pages: PageLine[][] = [];
  let length = 0;
  for (let number = 1; number <= pdf.numPages; number++) {
    let lines: PageLine[] = [];
    try {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      lines = linesOf(items);
      page.cleanup();
    } catch {
      // One broken page does not spoil the others.
    }
    for (const { text } of lines) length += text.length;
    if (length > maxText) throw new Unreadable(tooMuchText());
    pages.push(lines);
  }
  return pages;
}

/** `D:20260301093000+01'00'` */
function pdfDate(value: unknown): string | undefined {
  const found = /^D?:?(\d{4})(\d{2})?(\d{2})?/.exec(String(value ?? ''));
  return found ? normalDate(`${found[1]}-${found[2] ?? '01'}-${found[3] ?? '01'}`) : undefined;
}

async function propertiesOf(pdf: Pdf): Promise<{ title?: string; author?: string; created?: string }> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  const { Title: title, Author: author, CreationDate: date } = info as Record<string, unknown>;
  const created = pdfDate(date);
  const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
  // Programs that print to PDF set the file's name as the title.
  const isName =
    isText(title) &&
    /^(untitled|microsoft word|.*\.(docx?|pptx?|xlsx?|tex|dvi|indd|pdf)$)/i.test(title.trim());
  return {
    ...(isText(title) && !isName && { title: title.trim() }),
    ...(isText(author) && { author: author.trim() }),
    ...(created !== undefined && { created }),
  };
}

/**
 * PDF: the text of every page in paragraphs; larger type makes headings; running headers and footers are dropped. A
 * paragraph that continues across a page break belongs to the page it begins on.
 */
export async function loadPdf(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const pdf = await open(bytes);
  try {
    const pages = withoutRunningLines(await pagesOf(pdf));
    const length = pages.flat().reduce((sum, { text }) => sum + text.length, 0);
    if (length < minCharacters * pages.length) {
      const count = pages.length === 1 ? 'its page' : `its ${pages.length} pages`;
      throw new Unreadable(`no text on ${count}: scanned? Run text recognition (OCR) on it first`);
    }
    const levels = headingLevels(pages, bodySize(pages));
    const writer = createWriter();
    let firstHeading: string | undefined;
    for (const [i, paragraphs] of paragraphsOf(pages, levels).entries()) {
      writer.place({ page: i + 1 }, `[page ${i + 1}]`);
      for (const { lines, level } of paragraphs) {
        if (level === 1 && i === 0) firstHeading ??= lines.join(' ');
        if (level !== undefined) writer.heading(level, lines.join(' '));
        else writer.block(lines);
      }
    }
    const { text, blocks } = writer.result();
    const { title, ...metadata } = await propertiesOf(pdf);
    return {
      title: title ?? firstHeading ?? name,
      text,
      metadata: { ...metadata, pages: pages.length },
      blocks,
    };
  } finally {
    await pdf.loadingTask.destroy();
  }
}
