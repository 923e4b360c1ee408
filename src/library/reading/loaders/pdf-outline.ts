import type { PageLine } from './pdf-layout.ts';
import { titleOf } from './pdf-properties.ts';
import { type QuarterTurn, turned } from './pdf-turned.ts';

/** The outline of a file, in its order. */
export interface OutlineItem {
  readonly title: string;
  /** From 1. */
  readonly depth: number;
  /** From 0. */
  readonly page: number;
  /** Where on the page, in its units, where that is said. */
  readonly x: number | undefined;
  readonly y: number | undefined;
}

/** The part of pdf.js's documents that is used. */
interface Outlined {
  readonly numPages: number;
  getOutline(): Promise<unknown>;
  getDestination(name: string): Promise<unknown>;
  getPage(
    number: number,
  ): Promise<{ readonly ref: { readonly num: number } | null; readonly rotate: number }>;
}

/** An item as pdf.js gives it. */
interface Found {
  readonly title?: unknown;
  readonly dest?: unknown;
  readonly items?: unknown;
}

/** Further ones are not looked at. */
const maxItems = 10_000;
const maxDepth = 6;
/** A page with more titles that it does not show is not theirs, as where pages were taken out of a file. */
const maxUnseen = 5;
/** Lines that a title fills. */
const maxLines = 4;

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What viewers and scanners write for each page. */
const pageTitle =
  /^(?:(?:blank|empty|cover|first|previous|next|last|leere) )?(?:page|seite|p\.?|página|pagina|стр\.?|страница)(?: (?:vierge|blanche))?[\s.\d_-]*$/i;

/** Items in the order of the outline; an item that is no title leaves its children in its place. */
function* flat(
  outline: readonly unknown[],
): Generator<readonly [title: string, dest: unknown, depth: number]> {
  const open = [{ items: outline, at: 0, depth: 1 }];
  let count = 0;
  // Not by recursion: a broken outline may be thousands of levels deep.
  for (let last = open.at(-1); last && count < maxItems; last = open.at(-1)) {
    const { items, depth } = last;
    if (last.at === items.length) {
      open.pop();
      continue;
    }
    const { title, dest, items: below } = (items[last.at++] ?? {}) as Found;
    count++;
    const words = titleOf(title);
    const isTitle = words !== undefined && !pageTitle.test(words);
    if (isTitle) yield [words, dest, depth];
    open.push({ items: asList(below), at: 0, depth: isTitle ? Math.min(depth + 1, maxDepth) : depth });
  }
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Where on its page a destination is (ISO 32000-2, 12.3.2.2). */
function placeIn([, kind, ...numbers]: readonly unknown[]): Pick<OutlineItem, 'x' | 'y'> {
  const name = (kind as { readonly name?: unknown } | null | undefined)?.name;
  const [first, second, , fourth] = numbers.map(numberIn);
  if (name === 'XYZ') return { x: first, y: second };
  if (name === 'FitH' || name === 'FitBH') return { x: undefined, y: first };
  return name === 'FitR' ? { x: first, y: fourth } : { x: undefined, y: undefined };
}

/** The outline (bookmarks) as far as it names parts of the text; empty where it is broken. */
export async function outlineOf(pdf: Outlined): Promise<OutlineItem[]> {
  const outline = asList(await pdf.getOutline().catch(() => undefined));
  if (outline.length === 0) return [];
  const pages = new Map<number, number>();
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number).catch(() => undefined);
    if (page?.ref) pages.set(page.ref.num, number - 1);
  }
  const found: OutlineItem[] = [];
  for (const [title, dest, depth] of flat(outline)) {
    const named = typeof dest === 'string' ? await pdf.getDestination(dest).catch(() => undefined) : dest;
    const [target] = asList(named);
    const number = (target as { readonly num?: unknown } | null | undefined)?.num;
    const page =
      typeof target === 'number' ? target : typeof number === 'number' ? pages.get(number) : undefined;
    if (page === undefined || !Number.isInteger(page) || page < 0 || page >= pdf.numPages) continue;
    found.push({ title, depth, page, ...placeIn(asList(named)) });
  }
  return found;
}

const numbering =
  /^(?:(?:chapter|part|section|appendix|annex|kapitel|teil|abschnitt|anhang|chapitre|partie|annexe|capítulo|parte|глава|часть)\s+)?(?:\d+(?:\.\d+)*|[ivxlc]+|[a-z])[.:)]?\s+/i;
/** Fewer letters are not known again without their number. */
const minLetters = 3;

const lettersOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/** What a title is known by: with and without its number, which the page or the outline may leave out. */
function keysOf(text: string): readonly string[] {
  const [whole, bare] = [lettersOf(text), lettersOf(text.replace(numbering, ''))];
  return whole === bare || bare.length < minLetters ? [whole] : [whole, bare];
}

interface Span {
  readonly from: number;
  readonly count: number;
}

/** Lines from one on that may be a title, with what they are known by. */
function* spansFrom(
  lines: readonly PageLine[],
  from: number,
  longest: number,
): Generator<readonly [span: Span, keys: readonly string[]]> {
  let text = '';
  for (let count = 1; count <= maxLines && from + count <= lines.length; count++) {
    text += ` ${lines[from + count - 1]?.text ?? ''}`;
    const keys = keysOf(text.trim());
    if (keys.every((key) => key.length > longest)) return;
    yield [{ from, count }, keys];
  }
}

/** Where each title could stand: every line, and lines below one another. */
function spansOf(
  lines: readonly PageLine[],
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, readonly Span[]> {
  const longest = [...wanted].reduce((most, key) => Math.max(most, key.length), 0);
  const spans = new Map<string, Span[]>();
  for (const from of lines.keys()) {
    for (const [span, keys] of spansFrom(lines, from, longest)) {
      for (const key of keys) {
        if (!wanted.has(key)) continue;
        const known = spans.get(key);
        if (known) known.push(span);
        else spans.set(key, [span]);
      }
    }
  }
  return spans;
}

/** How far below a place a line is; lines above it are infinitely far. */
function distance(line: PageLine | undefined, { x, y }: OutlineItem): number {
  if (!line || y === undefined) return line ? 0 : Number.POSITIVE_INFINITY;
  // A place may be that of the baseline.
  const below = y - line.y + line.size / 2;
  return below < 0 ? Number.POSITIVE_INFINITY : below + Math.abs(line.x - (x || line.x)) / 2;
}

/** Of several places the one that the outline means; otherwise that in the largest type. */
function best(spans: readonly Span[], lines: readonly PageLine[], item: OutlineItem): Span | undefined {
  const away = ({ from }: Span): number => Math.abs((lines[from]?.y ?? 0) - (item.y ?? 0));
  const size = ({ from }: Span): number => lines[from]?.size ?? 0;
  return spans.reduce<Span | undefined>((found, span) => {
    if (!found) return span;
    const isBetter = item.y === undefined ? size(span) > size(found) : away(span) < away(found);
    return isBetter ? span : found;
  }, undefined);
}

/** The line before which a title belongs that the page does not show. */
function placeOf(lines: readonly PageLine[], item: OutlineItem): number {
  if (item.y === undefined) return 0;
  let [at, least] = [lines.length, Number.POSITIVE_INFINITY];
  for (const [i, line] of lines.entries()) {
    const away = distance(line, item);
    if (away < least) [at, least] = [i, away];
  }
  return at;
}

interface Page {
  readonly lines: readonly PageLine[];
  /** Titles that stand on it, by their first line. */
  readonly heads: ReadonlyMap<number, PageLine>;
  /** The lines that they fill. */
  readonly taken: ReadonlySet<number>;
  /** Titles that it does not show. */
  readonly unseen: readonly OutlineItem[];
}

/** A title as the page shows it, unless the outline has its number or its parts in one. */
function shownAs(title: string, lines: readonly PageLine[]): string {
  const shown = lines.map(({ text }) => text).join(' ');
  const isLess = lettersOf(shown).length < lettersOf(title).length || /\p{Ll}- \p{Ll}/u.test(shown);
  return isLess ? title : shown;
}

function pageWith(lines: readonly PageLine[], items: readonly OutlineItem[]): Page {
  const spans = spansOf(lines, new Set(items.flatMap(({ title }) => keysOf(title))));
  const heads = new Map<number, PageLine>();
  const taken = new Set<number>();
  const unseen: OutlineItem[] = [];
  for (const item of items) {
    const all = keysOf(item.title).flatMap((key) => spans.get(key) ?? []);
    const span = best(
      all.filter(({ from }) => !taken.has(from)),
      lines,
      item,
    );
    const first = span && lines[span.from];
    if (span && first) {
      const { from, count } = span;
      const text = shownAs(item.title, lines.slice(from, from + count));
      heads.set(from, { ...first, text, depth: item.depth });
      for (let i = from; i < from + count; i++) taken.add(i);
      // One that comes again, and whose place is taken, is that of before.
    } else if (all.length === 0) unseen.push(item);
  }
  return { lines, heads, taken, unseen };
}

/** Of titles at one place those that something may stand under. */
const withoutEmpty = (items: readonly OutlineItem[]): readonly OutlineItem[] =>
  items.filter(({ depth }, i) => depth < (items[i + 1]?.depth ?? Number.POSITIVE_INFINITY));

function linesWith({ lines, heads, taken, unseen }: Page): PageLine[] {
  const before = Map.groupBy(unseen.length > maxUnseen ? [] : unseen, (item) => placeOf(lines, item));
  const added = (at: number): PageLine[] =>
    withoutEmpty(before.get(at) ?? []).map(({ title, depth }) => ({
      ...{ text: title, depth, x: 0, y: lines[at]?.y ?? 0, size: lines[at]?.size ?? 0 },
    }));
  const own = (line: PageLine, i: number): PageLine[] => {
    const head = heads.get(i);
    if (head) return [head];
    return taken.has(i) ? [] : [line];
  };
  return [...lines.flatMap((line, i) => [...added(i), ...own(line, i)]), ...added(lines.length)];
}

/** An item on a page that was turned, so that its text is upright. */
function onTurned(item: OutlineItem, turn: QuarterTurn): OutlineItem {
  if (item.x === undefined || item.y === undefined) return { ...item, x: undefined, y: undefined };
  const [x, y] = turned(turn, item.x, item.y);
  return { ...item, x, y };
}

/** The lines of the pages with the titles of the outline: as they stand there, or at their place where they do not. */
export function withOutline(
  pages: readonly (readonly PageLine[])[],
  outline: readonly OutlineItem[],
): readonly (readonly PageLine[])[] {
  const ofPage = Map.groupBy(outline, ({ page }) => page);
  return pages.map((lines, i) => {
    const items = ofPage.get(i);
    const turn = lines[0]?.turn ?? 0;
    return items
      ? linesWith(pageWith(lines, turn === 0 ? items : items.map((item) => onTurned(item, turn))))
      : lines;
  });
}
