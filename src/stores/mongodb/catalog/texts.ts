import { sliceLines } from '../../index/line-slice.ts';

/** Characters in one part of a text: most documents have one, and one of ten million characters a hundred. */
const partLength = 100_000;
/** Parts that are loaded at once at most. */
const maxLoaded = 16;

export interface SplitText {
  readonly parts: readonly string[];
  /** For each part the line that it begins in, and a half more if that is not the line's beginning. */
  readonly starts: readonly number[];
}

/** Where a part ends: behind a line's end if there is one in it, and never within a character. */
function endOfPart(text: string, begin: number): number {
  const end = begin + partLength;
  if (end >= text.length) return text.length;
  const lineEnd = text.lastIndexOf('\n', end - 1);
  if (lineEnd >= begin) return lineEnd + 1;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}

/** Cuts a text, between lines where it can. */
export function splitText(text: string): SplitText {
  const parts: string[] = [];
  const starts: number[] = [];
  let line = 1;
  let isLineStart = true;
  for (let begin = 0; begin < text.length; ) {
    const end = endOfPart(text, begin);
    const part = text.slice(begin, end);
    parts.push(part);
    starts.push(isLineStart ? line : line + 0.5);
    for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) line++;
    isLineStart = part.endsWith('\n');
    begin = end;
  }
  return { parts, starts };
}

/** Where a line begins in a text. */
function offsetOfLine(text: string, line: number, first: number): number {
  let at = 0;
  for (let current = first; current < line; current++) at = text.indexOf('\n', at) + 1;
  return at;
}

/**
 * Whole lines from `from`, at least one, of a text whose parts are loaded as far as that takes.
 * @param load parts by their number, from 0
 */
export async function readLines(
  from: number,
  maxBytes: number,
  { lines, starts }: { readonly lines: number; readonly starts: readonly number[] },
  load: (parts: readonly number[]) => Promise<readonly string[]>,
): Promise<{ readonly text: string; readonly to: number; readonly total: number }> {
  if (from > lines) return { text: '', to: from - 1, total: lines };
  const first = starts.findLastIndex((start) => start <= from);
  let text = '';
  let bytes = 0;
  let hasLine = false;
  for (let next = first, count = 1; next < starts.length && !(hasLine && bytes > maxBytes); ) {
    const wanted = Array.from({ length: Math.min(count, starts.length - next) }, (_, i) => next + i);
    let more = (await load(wanted)).join('');
    if (next === first) more = more.slice(offsetOfLine(more, from, Math.floor(starts[first] ?? 1)));
    text += more;
    bytes += Buffer.byteLength(more);
    hasLine ||= more.includes('\n');
    next += wanted.length;
    count = Math.min(2 * count, maxLoaded);
  }
  // The line behind the last line end is empty, and a line all the same.
  if (text === '') return { text, to: from, total: lines };
  return { ...sliceLines(text, from, maxBytes, from), total: lines };
}
