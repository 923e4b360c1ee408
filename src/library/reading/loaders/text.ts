import type { Block, LoadedDocument } from './blocks.ts';

/** The paragraphs of a range of lines: what blank lines separate. `offset` is the number before the first. */
export function paragraphs(lines: readonly string[], offset: number, heading: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let first = -1;
  for (let i = 0; i <= lines.length; i++) {
    const blank = (lines[i] ?? '').trim() === '';
    if (!blank && first < 0) first = i;
    if (blank && first >= 0) {
      const text = lines.slice(first, i).join('\n').trimEnd();
      blocks.push({ heading, lines: [offset + first + 1, offset + i], text });
      first = -1;
    }
  }
  return blocks;
}

/** Plain text: its paragraphs, without headings. */
export function loadText(text: string, name: string): LoadedDocument {
  return { title: name, text, metadata: {}, blocks: paragraphs(text.split('\n'), 0, []) };
}
