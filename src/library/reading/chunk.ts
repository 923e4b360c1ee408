import { hash } from 'node:crypto';
import { analyserVersion } from '../../stores/index/analyser-version.ts';
import type { ChunkPlace } from '../../stores/index/types.ts';
import { type Block, maxHeading } from './loaders/loader.ts';
import { splitBlock } from './split.ts';

/** Bump when the same file would yield different chunks: documents of other versions are then reread. */
const chunkerVersion = 'chunks-8';

/** Stored with each document: a document read by another version counts as changed. */
export const documentFormat = `${chunkerVersion} ${analyserVersion}`;

/** Target passage length in characters: about 220 word pieces, which fit every model. */
export const targetLength = 1_000;

export interface Chunk {
  readonly id: string;
  readonly heading: readonly string[];
  readonly lines: readonly [number, number];
  readonly place?: ChunkPlace;
  readonly text: string;
}

function sameHeading(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((part, i) => part === b[i]));
}

/**
 * The combined place of two blocks, or 'apart': rows of a sheet are merged, but not different pages, slides or sheets.
 */
function joined(a: ChunkPlace | undefined, b: ChunkPlace | undefined): ChunkPlace | undefined | 'apart' {
  if (a && b && 'sheet' in a && 'sheet' in b && a.sheet === b.sheet) {
    return { sheet: a.sheet, rows: [a.rows[0], b.rows[1]] };
  }
  return JSON.stringify(a) === JSON.stringify(b) ? a : 'apart';
}

/** A title or heading as passages carry it. */
export const cutHeading = (heading: string): string =>
  heading.length > maxHeading ? `${heading.slice(0, maxHeading)}…` : heading;

/** Joins adjacent blocks under the same heading while they fit. */
function pack(blocks: readonly Block[]): Block[] {
  const packed: Block[] = [];
  for (const block of blocks) {
    const before = packed.at(-1);
    const fits = before && before.text.length + block.text.length + 2 <= targetLength;
    const place = joined(before?.place, block.place);
    if (!before || !fits || place === 'apart' || !sameHeading(before.heading, block.heading)) {
      packed.push(block);
      continue;
    }
    const separator = before.rows && block.rows && block.lines[0] <= before.lines[1] + 1 ? '\n' : '\n\n';
    packed[packed.length - 1] = {
      heading: before.heading,
      lines: [before.lines[0], block.lines[1]],
      ...(place && { place }),
      text: before.text + separator + block.text,
      ...(before.rows && block.rows && { rows: true }),
    };
  }
  return packed;
}

/**
 * Cuts a document into passages that follow its headings. An id hashes the document, headings, text and number of
 * earlier occurrences, so an unchanged passage keeps its id.
 */
export function chunkDocument(document: string, blocks: readonly Block[]): Chunk[] {
  const seen = new Map<string, number>();
  return pack(blocks.flatMap((block) => splitBlock(block, targetLength))).map(
    ({ heading: whole, lines, place, text }) => {
      const heading = whole.map(cutHeading);
      const content = JSON.stringify([document, heading, text]);
      const occurrence = seen.get(content) ?? 0;
      seen.set(content, occurrence + 1);
      const id = hash('sha256', `${content}${occurrence}`, 'hex').slice(0, 32);
      return { id, heading, lines, ...(place && { place }), text };
    },
  );
}
