import type { Block } from './loaders/loader.ts';

/** A part of a block's text: from `start` up to `end`, in UTF-16 units. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A last part shorter than this is merged into the one before, which may exceed the target by this much. */
const minTail = 200;

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Splits at spaces, or inside a word longer than `limit`; never inside a surrogate pair. */
function wordSpans(text: string, { start, end }: Span, limit: number): Span[] {
  const spans: Span[] = [];
  let at = start;
  while (end - at > limit) {
    const window = text.slice(at, at + limit + 1);
    const space = Math.max(window.lastIndexOf(' '), window.lastIndexOf('\n'));
    let cut = at + (space > 0 ? space + 1 : limit);
    const low = text.charCodeAt(cut) & 0xfc00;
    if (space <= 0 && low === 0xdc00) cut--;
    spans.push({ start: at, end: cut });
    at = cut;
  }
  if (at < end) spans.push({ start: at, end });
  return spans;
}

function lineSpans(text: string): Span[] {
  const spans: Span[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

/** A line break inside a paragraph, which does not end a sentence unless a list item follows. */
const wrap = /\n(?!\s*(?:[-*+•]|\d{1,3}[.)])\s)/g;

function sentenceSpans(text: string): Span[] {
  return [...sentences.segment(text.replace(wrap, ' '))].map(({ index, segment }) => ({
    start: index,
    end: index + segment.length,
  }));
}

/** Joins adjacent spans up to `limit`; a short remainder is merged into the one before. */
function gather(spans: readonly Span[], limit: number): Span[] {
  const gathered: Span[] = [];
  for (const span of spans) {
    const before = gathered.at(-1);
    if (before && span.end - before.start <= limit)
      gathered[gathered.length - 1] = { ...before, end: span.end };
    else gathered.push(span);
  }
  const [before, rest] = gathered.slice(-2);
  if (before && rest && rest.end - rest.start < minTail && rest.end - before.start <= limit + minTail) {
    gathered.splice(-2, 2, { start: before.start, end: rest.end });
  }
  return gathered;
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/**
 * Splits a block into parts of about `limit` characters or less: at sentence ends, or at line ends for rows and code.
 * Only a sentence or line that is itself longer is split between words. Rows repeat their header.
 */
export function splitBlock(block: Block, limit: number): Block[] {
  const { text, rows, lines, heading, place } = block;
  if (text.length <= limit) return [block];
  // A header that would fill most of every part is worth less than the rows it would displace.
  const header = (block.header?.length ?? 0) <= limit / 2 ? block.header : undefined;
  const room = limit - (header ? header.length + 1 : 0);
  const units = (rows ? lineSpans(text) : sentenceSpans(text)).flatMap((span) =>
    span.end - span.start > room ? wordSpans(text, span, room) : [span],
  );
  const parts: Block[] = [];
  let above = 0;
  for (const { start, end } of gather(units, room)) {
    const part = text.slice(start, end);
    const before = above;
    above += newlines(part);
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const skipped = newlines(part.slice(0, part.length - part.trimStart().length));
    const first = lines[0] + before + skipped;
    // The text of a block made from its lines (a row, a record) may have a different number of lines.
    const clamp = (line: number): number => Math.min(line, lines[1]);
    const last = first + newlines(trimmed);
    const repeated = header !== undefined && start > 0 ? `${header}\n` : '';
    parts.push({
      heading,
      lines: [clamp(first), clamp(last)],
      ...(place && { place }),
      text: repeated + (rows ? part.trimEnd() : trimmed),
      ...(rows && { rows }),
    });
  }
  return parts;
}
