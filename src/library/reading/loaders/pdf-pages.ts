import { maxText, tooMuchText, Unreadable } from './loader.ts';
import { type AnnotationReader, annotationReader } from './pdf-annotations.ts';
import type { PdfAttachment } from './pdf-attachments.ts';
import { linesOf, type PageLine } from './pdf-layout.ts';
import { type OpenedPdf, openBytes, openPdf, type Pdf } from './pdf-open.ts';

/** Fewer characters on a page than this are a stamp or its number, not text. */
const minCharacters = 3;
/** Pages that a remark names. */
const maxNamed = 10;

/** What the pages of a file hold. */
export interface Pages {
  readonly lines: PageLine[][];
  /** What was filled in and noted, by page. */
  readonly added: string[][];
  /** Attached to places of pages. */
  readonly files: PdfAttachment[];
  /** Numbers of pages that could not be read. */
  readonly damaged: number[];
  /** Numbers of pages that are broken in some place. */
  readonly partial: number[];
  /** Its list of pages is lost: these are those that were found. */
  readonly isGuessed: boolean;
}

const textOf = ({ lines, added }: Pick<Pages, 'lines' | 'added'>): string[] =>
  lines.map((page, i) => page.map(({ text }) => text).join(' ') + (added[i] ?? []).join(' '));

const silentOf = (pages: Pick<Pages, 'lines' | 'added'>): number[] =>
  textOf(pages).flatMap((text, i) => (text.trim().length < minCharacters ? [i + 1] : []));

interface Page {
  readonly lines: PageLine[];
  readonly added: string[];
  readonly isBroken: boolean;
}

type ReadPage = (number: number) => Promise<Page>;

/** Reads pages, of a broken one what can be had: one broken page does not spoil the others. */
function pageReader(pdf: Pdf, linesOn: AnnotationReader, strict: () => Promise<Pdf>): ReadPage {
  const linesFrom = async (from: Pdf, number: number): Promise<PageLine[]> => {
    const page = await from.getPage(number);
    const { items } = await page.getTextContent();
    return linesOf(items);
  };
  return async (number) => {
    let lines: PageLine[] = [];
    let isBroken = false;
    try {
      lines = await linesFrom(pdf, number);
      // A page without text is a picture, or broken.
      if (lines.length === 0) await linesFrom(await strict(), number);
    } catch {
      isBroken = true;
    }
    try {
      const page = await pdf.getPage(number);
      const added = await linesOn(page, number - 1);
      page.cleanup();
      return { lines, added, isBroken };
    } catch {
      return { lines, added: [], isBroken: true };
    }
  };
}

async function readPages({ pdf, bytes, broken }: OpenedPdf): Promise<Omit<Pages, 'isGuessed'>> {
  const found: Omit<Pages, 'isGuessed'> = { lines: [], added: [], files: [], damaged: [], partial: [] };
  let other: Promise<Pdf> | undefined;
  const linesOn = await annotationReader(pdf, (file) => found.files.push(file));
  const read = pageReader(pdf, linesOn, () => {
    other ??= openBytes(bytes, true);
    return other;
  });
  let length = 0;
  try {
    for (let number = 1; number <= pdf.numPages; number++) {
      const { lines, added, isBroken } = await read(number);
      if (broken.has(number) || (isBroken && lines.length === 0)) found.damaged.push(number);
      else if (isBroken) found.partial.push(number);
      for (const text of [...lines.map((line) => line.text), ...added]) length += text.length;
      if (length > maxText) throw new Unreadable(tooMuchText());
      found.lines.push(lines);
      found.added.push(added);
    }
  } finally {
    await (await other?.catch(() => undefined))?.loadingTask.destroy();
  }
  return found;
}

/** Why there is no text on any page; undefined where there is. */
function refusalOf(
  { lines, damaged }: Pages,
  silent: readonly number[],
  isMended: boolean,
): string | undefined {
  const count = lines.length;
  if (silent.length < count) return undefined;
  if (isMended || damaged.length === count) return 'damaged: none of its pages can be read';
  return `no text on ${count === 1 ? 'its page' : `its ${count} pages`}: scanned? Run text recognition (OCR) on it first`;
}

/**
 * Opens a file and reads its pages. `refusal` says why none holds text.
 * @throws Unreadable with the reason
 */
export async function pagesOf(file: Uint8Array): Promise<{ pdf: Pdf; pages: Pages; refusal?: string }> {
  const opened = await openPdf(file);
  const { pdf, broken, isMended, isGuessed } = opened;
  try {
    const pages = { ...(await readPages(opened)), isGuessed };
    const silent = silentOf(pages);
    const refusal = refusalOf(pages, silent, isMended);
    return {
      pdf,
      // Where pages are gone, so is what others showed.
      pages: broken.size > 0 || isGuessed ? { ...pages, damaged: silent } : pages,
      ...(refusal !== undefined && { refusal }),
    };
  } catch (error) {
    await pdf.loadingTask.destroy();
    throw error;
  }
}

function numbersOf(pages: readonly number[]): string {
  const more = pages.length > maxNamed ? ` and ${pages.length - maxNamed} more` : '';
  return `${pages.slice(0, maxNamed).join(', ')}${more}`;
}

/** Letters of fonts that do not say what they mean: of the private area, or none at all. */
const meaningless = /[\uE000-\uF8FF\uFFFD\u{F0000}-\u{10FFFD}]/gu;
/** A smaller share of such letters are bullets and signs. */
const worthSaying = 0.02;

/** What of the pages is not in the text. */
export function remarksOnPages(pages: Pages): string[] {
  const { damaged, partial, isGuessed } = pages;
  const texts = textOf(pages);
  const silent = silentOf(pages).filter((page) => !damaged.includes(page));
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
    ...(partial.length > 0
      ? [
          `${partial.length} of ${texts.length} pages ${partial.length === 1 ? 'is' : 'are'} damaged, and some of the text may be missing (${numbersOf(partial)})`,
        ]
      : []),
    ...(isGuessed
      ? [`its list of pages is damaged: ${texts.length} were found, and others may be missing`]
      : []),
    ...(share > worthSaying
      ? [`${Math.round(share * 100)} % of its letters are of fonts that do not say which letters they are`]
      : []),
  ];
}
