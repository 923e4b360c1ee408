import { pictureRemark } from './left-out.ts';
import type { Block, LoadedDocument } from './loader.ts';
import { paragraphs } from './text.ts';

/** A line of one sign, which marks a title above it, or above and below it. */
const adornment = /^([!-/:-@[-`{-~])\1*\s*$/;

/** Begins a literal block or a comment: no adornment, however short the title. */
const otherSigns = /^(::|\.\.)\s*$/;
/** An item of a list, which is empty. */
const bullet = /^[-+*]\s*$/;

/** The sign of an adornment. */
const signOf = (line: string): string | undefined =>
  otherSigns.test(line) ? undefined : adornment.exec(line)?.[1];

/** As docutils has it: an adornment that is shorter than its title is none if it has less than four signs. */
function isLongEnough(line: string, title: string): boolean {
  const { length } = line.trim();
  return length >= 4 || length >= [...title].length;
}

interface Title {
  readonly text: string;
  /** The sign, and whether it stands above, too: each kind is a level. */
  readonly kind: string;
  readonly first: number;
  readonly last: number;
}

/** Whether a line that may be a title begins a paragraph: what is indented, or marked, ends where a line is not. */
const beginsText = (before: string): boolean => before.trim() === '' || /^(\s|\.\. )/.test(before);

/** The title at a line. @param start the line at which the section begins */
function titleAt(lines: readonly string[], at: number, start: number): Title | undefined {
  const line = lines[at] ?? '';
  const sign = signOf(line);
  if (sign !== undefined && !bullet.test(line)) {
    const [text, below] = [(lines[at + 1] ?? '').trim(), lines[at + 2] ?? ''];
    const isTitle = text !== '' && signOf(below) === sign && signOf(text) === undefined;
    return isTitle && isLongEnough(line, text) && isLongEnough(below, text)
      ? { text, kind: `${sign}${sign}`, first: at, last: at + 2 }
      : undefined;
  }
  const underline = lines[at + 1] ?? '';
  const under = signOf(underline);
  const isFlush = /^\S/.test(line) && (at === start || beginsText(lines[at - 1] ?? ''));
  return under !== undefined && isFlush && isLongEnough(underline, line.trim())
    ? { text: line.trim(), kind: under, first: at, last: at + 1 }
    : undefined;
}

const picture = /^(\s*)\.\. (?:image|figure)::/;

/** Whether something tells what a picture shows: its `alt`, or the caption of a figure. */
function isDescribed(lines: readonly string[], at: number, indent: number): boolean {
  const inside = (line: string): boolean => line.search(/\S/) > indent;
  for (let i = at + 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line.trim() === '') continue;
    if (!inside(line)) return false;
    if (/^\s*:alt:/.test(line) || !/^\s*:[\w-]+:/.test(line)) return true;
  }
  return false;
}

/** How many pictures a text has whose content nothing tells. */
const undescribedIn = (lines: readonly string[]): number =>
  lines.filter((line, at) => {
    const [, indent] = picture.exec(line) ?? [];
    return indent !== undefined && !isDescribed(lines, at, indent.length);
  }).length;

/** reStructuredText: titles by their adornment, whose kinds are levels in the order in which they come. */
export function loadRestructuredText(text: string, name: string): LoadedDocument {
  const lines = text.split('\n');
  const kinds: string[] = [];
  const open: string[] = [];
  const blocks: Block[] = [];
  let start = 0;
  let heading: Title | undefined;
  const close = (end: number): void => {
    const found = paragraphs(lines.slice(start, end), start, [...open]);
    blocks.push(...found);
    // A title with nothing below it should still be found.
    if (found.length === 0 && heading) {
      blocks.push({ heading: [...open], lines: [heading.first + 1, heading.last + 1], text: heading.text });
    }
  };
  for (let i = 0; i < lines.length; i++) {
    const title = titleAt(lines, i, start);
    if (!title) continue;
    close(title.first);
    if (!kinds.includes(title.kind)) kinds.push(title.kind);
    open.length = Math.min(open.length, kinds.indexOf(title.kind));
    open.push(title.text);
    heading = title;
    start = title.last + 1;
    i = title.last;
  }
  close(lines.length);
  const remarks = pictureRemark(undescribedIn(lines));
  return {
    ...{ title: blocks[0]?.heading[0] ?? name, text, metadata: {}, blocks },
    ...(remarks.length > 0 && { remarks }),
  };
}
