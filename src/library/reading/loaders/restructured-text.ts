import type { Block, LoadedDocument } from './loader.ts';
import { paragraphs } from './text.ts';

/** A line of one sign, which marks a title above it, or above and below it. */
const adornment = /^([!-/:-@[-`{-~])\1{2,}\s*$/;

interface Title {
  readonly text: string;
  /** The sign, and whether it stands above, too: each kind is a level. */
  readonly kind: string;
  readonly first: number;
  readonly last: number;
}

function titleAt(lines: readonly string[], at: number): Title | undefined {
  const line = lines[at] ?? '';
  const sign = adornment.exec(line)?.[1];
  if (sign !== undefined) {
    const [text, below] = [(lines[at + 1] ?? '').trim(), lines[at + 2] ?? ''];
    const isTitle = text !== '' && adornment.exec(below)?.[1] === sign && !adornment.test(text);
    return isTitle ? { text, kind: `${sign}${sign}`, first: at, last: at + 2 } : undefined;
  }
  const under = adornment.exec(lines[at + 1] ?? '')?.[1];
  const isFlush = /^\S/.test(line) && (at === 0 || (lines[at - 1] ?? '').trim() === '');
  // An adornment is at least as long as its title, but for a sign that is wide.
  const isLong = (lines[at + 1] ?? '').trim().length >= line.trim().length * 0.6;
  return under !== undefined && isFlush && isLong
    ? { text: line.trim(), kind: under, first: at, last: at + 1 }
    : undefined;
}

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
    const title = titleAt(lines, i);
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
  return { title: blocks[0]?.heading[0] ?? name, text, metadata: {}, blocks };
}
