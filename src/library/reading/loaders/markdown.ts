import { frontMatter } from './front-matter.ts';
import { pictureRemark } from './left-out.ts';
import type { Block, LoadedDocument } from './loader.ts';
import { type VerbatimLines, verbatimLines } from './markdown-lines.ts';
import { undescribedInMarkdown } from './markdown-pictures.ts';
import { paragraphs } from './text.ts';

/** Heading text without markup: emphasis, code, links, a closing run of `#`. */
function plainHeading(text: string): string {
  return text
    .replace(/\s+#+\s*$/, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\{#[^}]*\}\s*$/, '')
    .replace(/[*`]+/g, '')
    .trim();
}

const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** The level of a heading underlined with `=` (1) or `-` (2). */
function setextLevel(line: string, next: string | undefined): number | undefined {
  if (line.trim() === '' || /^ {0,3}([>|#]|[-*+] |\d+[.)] )/.test(line) || next === undefined)
    return undefined;
  if (/^ {0,3}=+\s*$/.test(next)) return 1;
  return /^ {0,3}-{2,}\s*$/.test(next) ? 2 : undefined;
}

function endOfTable(lines: readonly string[], from: number): number {
  let end = from + 1;
  while (end < lines.length && (lines[end] ?? '').includes('|')) end++;
  return end;
}

/** Blocks of a section's body: fenced code and tables stay whole, the rest is split into paragraphs. */
function body(
  lines: readonly string[],
  offset: number,
  heading: readonly string[],
  verbatim: VerbatimLines,
): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  const flush = (end: number): void => {
    blocks.push(...paragraphs(lines.slice(start, end), offset + start, heading));
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const next = lines[i + 1] ?? '';
    const whole = verbatim[offset + i];
    const isTable = !whole && line.includes('|') && tableRule.test(next) && next.includes('-');
    if (whole?.kind !== 'code' && !isTable) continue;
    flush(i);
    const end = whole ? whole.to - offset : endOfTable(lines, i);
    const text = lines.slice(i, end).join('\n').trimEnd();
    const header = isTable ? lines.slice(i, i + 2).join('\n') : undefined;
    blocks.push({
      heading,
      lines: [offset + i + 1, offset + end],
      text,
      rows: true,
      ...(header !== undefined && { header }),
    });
    start = end;
    i = end - 1;
  }
  flush(lines.length);
  return blocks;
}

interface Heading {
  readonly level: number;
  readonly text: string;
  /** Number of lines: two when it is underlined. */
  readonly lines: 1 | 2;
}

/** The heading at a line, in a section whose body starts at `bodyStart`. */
function headingAt(
  lines: readonly string[],
  at: number,
  bodyStart: number,
  verbatim: VerbatimLines,
): Heading | undefined {
  if (verbatim[at]) return undefined;
  const line = lines[at] ?? '';
  const [, marks, marked = ''] = atx.exec(line) ?? [];
  if (marks !== undefined) {
    const text = plainHeading(marked);
    return text === '' ? undefined : { level: marks.length, text, lines: 1 };
  }
  const level = setextLevel(line, verbatim[at + 1] ? undefined : lines[at + 1]);
  // A line that continues a paragraph cannot be underlined into a heading.
  if (level === undefined || (at > bodyStart && (lines[at - 1] ?? '').trim() !== '')) return undefined;
  const text = plainHeading(line);
  return text === '' ? undefined : { level, text, lines: 2 };
}

/**
 * Markdown: front matter is metadata, headings make sections. The title comes from the front matter or the first
 * heading.
 */
export function loadMarkdown(text: string, name: string): LoadedDocument {
  const lines = text.split('\n');
  const { metadata, lines: skipped } = frontMatter(lines);
  const verbatim = verbatimLines(lines, skipped);
  const blocks: Block[] = [];
  const open: { level: number; text: string }[] = [];
  let firstHeading: string | undefined;
  let bodyStart = skipped;
  let headingLine = -1;

  function closeSection(end: number): void {
    const heading = open.map((section) => section.text);
    const found = body(lines.slice(bodyStart, end), bodyStart, heading, verbatim);
    blocks.push(...found);
    // A heading with nothing below it should still be found.
    const next = atx.exec(lines[end] ?? '')?.[1]?.length ?? 0;
    const leaf = end >= lines.length || next <= (open.at(-1)?.level ?? 0);
    if (found.length === 0 && headingLine >= 0 && leaf) {
      blocks.push({ heading, lines: [headingLine + 1, headingLine + 1], text: lines[headingLine] ?? '' });
    }
  }

  for (let i = skipped; i < lines.length; i++) {
    const heading = headingAt(lines, i, bodyStart, verbatim);
    if (!heading) continue;
    const { level, text } = heading;
    closeSection(i);
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    open.push({ level, text });
    firstHeading ??= text;
    headingLine = i;
    bodyStart = i + heading.lines;
  }
  closeSection(lines.length);
  const ownTitle = metadata['title'];
  const title =
    typeof ownTitle === 'string' && ownTitle.trim() !== '' ? ownTitle.trim() : (firstHeading ?? name);
  const remarks = pictureRemark(undescribedInMarkdown(lines, skipped, verbatim));
  return { ...{ title, text, metadata, blocks }, ...(remarks.length > 0 && { remarks }) };
}
