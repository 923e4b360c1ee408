import type { ChunkPlace } from '../../../stores/index/types.ts';
import { type Block, maxText, tooMuchText, Unreadable } from './loader.ts';

interface BlockExtra {
  readonly header?: string;
  readonly rows?: true;
  /** The place of this block alone. */
  readonly place?: ChunkPlace;
  /** No blank line above it. */
  readonly tight?: true;
}

/** Collects the lines of the text that a loader produces, and the blocks they form. */
export interface Writer {
  /** Closes open headings of the same or a deeper level. `level` starts at 1. */
  heading(level: number, text: string): void;
  block(lines: readonly string[], extra?: BlockExtra): void;
  /** Sets the place of what follows; the marker becomes a line of the text: `[page 3]`. */
  place(place: ChunkPlace, marker: string): void;
  /** Puts what follows under no heading. */
  closeHeadings(): void;
  result(): { text: string; blocks: Block[] };
}

/** @throws Unreadable from any method, once the text exceeds a document's limit */
export function createWriter(): Writer {
  const lines: string[] = [];
  const blocks: Block[] = [];
  const open: { level: number; text: string }[] = [];
  let current: ChunkPlace | undefined;
  let length = 0;

  const write = (added: readonly string[], tight = false): readonly [number, number] => {
    if (lines.length > 0 && !tight) lines.push('');
    const first = lines.length + 1;
    for (const line of added) {
      length += line.length + 1;
      lines.push(line);
    }
    if (length > maxText) throw new Unreadable(tooMuchText());
    return [first, lines.length];
  };

  return {
    heading(level, text) {
      while ((open.at(-1)?.level ?? 0) >= level) open.pop();
      open.push({ level, text });
      write([`${'#'.repeat(Math.min(level, 6))} ${text}`]);
    },
    block(added, { tight, ...extra } = {}) {
      const filled = added.filter((line) => line.trim() !== '');
      if (filled.length === 0) return;
      const range = write(filled, tight);
      blocks.push({
        heading: open.map((heading) => heading.text),
        lines: range,
        ...(current && { place: current }),
        text: filled.join('\n'),
        ...extra,
      });
    },
    place(place, marker) {
      current = place;
      write([marker]);
    },
    closeHeadings() {
      open.length = 0;
    },
    result: () => ({ text: lines.join('\n'), blocks }),
  };
}
