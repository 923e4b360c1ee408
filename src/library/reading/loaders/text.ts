import type { Block, LoadedDocument } from './loader.ts';

/** The paragraphs of a range of lines, separated by blank lines. `offset` is the number of lines before it. */
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

/** Plain text: paragraphs without headings. */
export function loadText(text: string, name: string): LoadedDocument {
  return { title: name, text, metadata: {}, blocks: paragraphs(text.split('\n'), 0, []) };
}

/** Source code: blocks separated by blank lines; a long one is split between lines. */
export function loadCode(text: string, name: string): LoadedDocument {
  const blocks = paragraphs(text.split('\n'), 0, []).map((block) => ({ ...block, rows: true as const }));
  return { title: name, text, metadata: {}, blocks };
}
