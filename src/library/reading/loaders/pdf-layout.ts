import { inReadingOrder } from './pdf-columns.ts';
import { type QuarterTurn, upright, withoutAsides } from './pdf-turned.ts';

/** A line of a page: where its baseline starts (PDF units, `y` grows upwards) and its predominant type size. */
export interface PageLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** Of a title of the outline, from 1. */
  readonly depth?: number;
  /** How far its page was turned, so that most of its text is upright. */
  readonly turn?: QuarterTurn;
  /** Runs in another direction than most of its page: a label in the margin or in a table. */
  readonly isAside?: true;
}

/** Lines that belong together. `level` is set for a heading, `depth` for one of the outline. */
export interface Paragraph {
  readonly lines: string[];
  readonly isAside?: true;
  readonly level?: number;
  readonly depth?: number;
}

/** Type larger than the body text by this factor is a heading. */
const headingFactor = 1.12;
const maxHeadingLength = 150;
/** The dots of a table of contents. */
const leaders = /(?:\s?\.){4,}/g;
const maxLevels = 4;

/** Fewest letters below one another that are a word. */
const minStacked = 4;

/** A word whose letters stand below one another, not a column of grades or an alphabet. */
function isStacked(lines: readonly PageLine[]): boolean {
  const letters = lines.map(({ text }) => text.codePointAt(0) ?? 0);
  const isAlphabet = letters.every((letter, i) => i === 0 || letter === (letters[i - 1] ?? 0) + 1);
  return lines.length >= minStacked && new Set(letters).size > 2 && !isAlphabet;
}

/** Joins letters that stand below one another, as in labels of tables. */
function withWords(lines: readonly PageLine[]): PageLine[] {
  const joined: PageLine[] = [];
  let run: PageLine[] = [];
  const flush = (): void => {
    const [first] = run;
    if (first && isStacked(run)) {
      joined.push({ ...first, text: run.map(({ text }) => text).join(''), isAside: true });
    } else joined.push(...run);
    run = [];
  };
  for (const line of lines) {
    const { text, x, y, size, isAside } = line;
    const before = run.at(-1);
    const gap = (before?.y ?? y) - y;
    const isBelow =
      before?.size === size && Math.abs(before.x - x) < size / 2 && gap > size * 0.8 && gap < size * 1.6;
    if (!isBelow) flush();
    if (/^\p{L}$/u.test(text) && !isAside) run.push(line);
    else {
      flush();
      joined.push(line);
    }
  }
  flush();
  return joined;
}

/** Text that runs in other directions stands where it was written, or behind columns. */
function ordered(items: ReturnType<typeof upright>['items']): typeof items {
  if (!items.some(({ isAside }) => isAside)) return inReadingOrder(items);
  const main = withoutAsides(items);
  const columns = inReadingOrder(main);
  return columns === main ? items : [...columns, ...items.filter(({ isAside }) => isAside)];
}

/** Joins the pieces of text that pdf.js finds into lines. */
export function linesOf(found: readonly object[]): PageLine[] {
  const { items, turn } = upright(found);
  const lines: PageLine[] = [];
  let text = '';
  let sizes = new Map<number, number>();
  let start: { x: number; y: number } | undefined;
  let isAside = false;
  const flush = (): void => {
    const trimmed = text.replace(leaders, ' … ').replace(/\s+/g, ' ').trim();
    const [size = 0] = [...sizes].reduce(
      (largest, entry) => (entry[1] > largest[1] ? entry : largest),
      [0, 0],
    );
    if (trimmed !== '' && start)
      lines.push({ text: trimmed, ...start, size, ...(turn !== 0 && { turn }), ...(isAside && { isAside }) });
    [text, sizes, start] = ['', new Map(), undefined];
  };
  for (const { str = '', transform = [], hasEOL, isAside: isNextAside = false } of ordered(items)) {
    const [, , c = 0, d = 0, x = 0, y = 0] = transform;
    if (str.trim() !== '') {
      if (isNextAside !== isAside) flush();
      isAside = isNextAside;
      const size = Math.round(Math.hypot(c, d) * 2) / 2;
      sizes.set(size, (sizes.get(size) ?? 0) + str.length);
      start ??= { x, y };
    }
    text += str;
    if (hasEOL) flush();
  }
  flush();
  return withWords(lines);
}

/** The predominant type size. */
export function bodySize(pages: readonly (readonly PageLine[])[]): number {
  const characters = new Map<number, number>();
  for (const { size, text } of pages.flat()) characters.set(size, (characters.get(size) ?? 0) + text.length);
  const [size] = [...characters].reduce(
    (largest, entry) => (entry[1] > largest[1] ? entry : largest),
    [0, 0],
  );
  return size;
}

function isShort(text: string): boolean {
  return text.length <= maxHeadingLength && /\p{L}/u.test(text) && !text.includes(' … ');
}

/** The heading level, from 1, of each type size used for headings. */
export function headingLevels(
  pages: readonly (readonly PageLine[])[],
  body: number,
): ReadonlyMap<number, number> {
  const sizes = new Set<number>();
  for (const { size, text, depth, isAside } of pages.flat()) {
    if (depth === undefined && !isAside && size >= body * headingFactor && isShort(text)) sizes.add(size);
  }
  return new Map([...sizes].sort((a, b) => b - a).map((size, i) => [size, Math.min(i + 1, maxLevels)]));
}

function lengthOf(pages: readonly (readonly PageLine[])[]): number {
  return pages.flat().reduce((sum, { text }) => sum + text.length, 0);
}

/** Drops running headers and footers: first and last lines that recur on most pages, ignoring numbers. */
export function withoutRunningLines(pages: readonly PageLine[][]): PageLine[][] {
  const counts = new Map<string, number>();
  const key = ({ text, size }: PageLine): string => `${size} ${text.replace(/\d+|\b[ivxlc]+\b/g, '#')}`;
  const edges = (lines: readonly PageLine[]): Set<string> =>
    new Set([...lines.slice(0, 2), ...lines.slice(-2)].map(key));
  for (const lines of pages) for (const edge of edges(lines)) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  const runs = (line: PageLine): boolean =>
    pages.length >= 3 && (counts.get(key(line)) ?? 0) > pages.length / 2;
  const rest = pages.map((lines) =>
    lines.filter((line, i) => !((i < 2 || i >= lines.length - 2) && runs(line))),
  );
  // Pages that are all alike but for their numbers, such as forms, have no running lines.
  return lengthOf(rest) < lengthOf(pages) / 2 ? [...pages] : rest;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Rejoins a word hyphenated at the end of the previous line. */
function append(lines: string[], text: string): void {
  const before = lines.at(-1) ?? '';
  const [word = ''] = /^\p{Ll}\S*/u.exec(text) ?? [];
  if (!/\p{Ll}-$/u.test(before) || word === '') {
    lines.push(text);
    return;
  }
  lines[lines.length - 1] = before.slice(0, -1) + word;
  const rest = text.slice(word.length).trim();
  if (rest !== '') lines.push(rest);
}

/** A paragraph ends where the line gap grows, the type or the direction changes, or a line is indented. */
function endsBefore(line: PageLine, before: PageLine, level: number | undefined, leading: number): boolean {
  if (line.isAside || before.isAside) return line.isAside !== before.isAside;
  if (Math.abs(before.size - line.size) > 1) return true;
  const gap = before.y - line.y;
  if (level !== undefined) return gap > line.size * 2 || gap < 0;
  const ends = /[.!?:]["”’)]?$/.test(before.text);
  return gap > leading * 1.3 || (ends && (gap < 0 || line.x > before.x + line.size * 0.8));
}

function pageParagraphs(lines: readonly PageLine[], levels: ReadonlyMap<number, number>): Paragraph[] {
  const gaps = lines.flatMap((line, i) => {
    const gap = (lines[i - 1]?.y ?? 0) - line.y;
    // Larger gaps separate paragraphs.
    return i > 0 && gap > 0 && gap < line.size * 2.2 ? [gap] : [];
  });
  const leading = median(gaps);
  const paragraphs: Paragraph[] = [];
  let before: PageLine | undefined;
  for (const line of lines) {
    const { text, size, depth, isAside } = line;
    const level = depth ?? (isShort(text) && !isAside ? levels.get(size) : undefined);
    const current = paragraphs.at(-1);
    const isSame = current !== undefined && current.level === level && depth === undefined;
    if (isSame && before && !endsBefore(line, before, level, leading)) append(current.lines, text);
    else {
      paragraphs.push({
        lines: [text],
        ...(level !== undefined && { level }),
        ...(depth !== undefined && { depth }),
        ...(isAside && { isAside }),
      });
    }
    before = depth === undefined ? line : undefined;
  }
  return paragraphs;
}

/** The paragraphs of every page. One that continues across a page break belongs to the page it begins on. */
export function paragraphsOf(
  pages: readonly (readonly PageLine[])[],
  levels: ReadonlyMap<number, number>,
): Paragraph[][] {
  const found = pages.map((lines) => pageParagraphs(lines, levels));
  for (const [i, paragraphs] of found.entries()) {
    const last = found[i - 1]?.findLast(({ isAside }) => !isAside);
    const first = paragraphs.find(({ isAside }) => !isAside);
    if (!last || !first || last.level !== undefined || first.level !== undefined) continue;
    const goesOn = /[^.!?:;]$/.test(last.lines.at(-1) ?? '') && /^\p{Ll}/u.test(first.lines[0] ?? '');
    if (!goesOn) continue;
    for (const line of first.lines) append(last.lines, line);
    paragraphs.splice(paragraphs.indexOf(first), 1);
  }
  return found;
}
