import type { ChunkPlace } from '../../../stores/index/types.ts';
import { type Block, maxHeading, maxText, tooMuchText, Unreadable } from './loader.ts';

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
  /**
   * Closes open headings of the same or a deeper level. `level` starts at 1. One that had nothing under it is a block of
   * its own: its words stand nowhere else.
   */
  heading(level: number, text: string): void;
  block(lines: readonly string[], extra?: BlockExtra): void;
  /** Sets the place of what follows; the marker becomes a line of the text: `[page 3]`. */
  place(place: ChunkPlace, marker: string): void;
  /** Puts what follows at no place. */
  leavePlace(): void;
  /** Puts what follows under no heading of this level or a deeper one. */
  close(level: number): void;
  /** Puts what follows under no heading. */
  closeHeadings(): void;
  result(): { text: string; blocks: Block[] };
}

interface OpenHeading {
  readonly level: number;
  readonly text: string;
  readonly line: number;
  readonly place: ChunkPlace | undefined;
  /** Nothing is under it yet. */
  isEmpty: boolean;
}

/** @throws Unreadable from any method, once the text exceeds a document's limit */
export function createWriter(): Writer {
  const lines: string[] = [];
  const blocks: Block[] = [];
  const open: OpenHeading[] = [];
  /** The texts of the open headings, one array for all blocks under them. */
  let headings: readonly string[] = [];
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

  const fill = (): void => {
    for (const heading of open) heading.isEmpty = false;
  };

  const add = (text: string, range: readonly [number, number], extra: Omit<BlockExtra, 'tight'>): void => {
    blocks.push({ heading: headings, lines: range, text, ...extra });
  };

  /** Closes headings from a level on. */
  function close(level: number): void {
    for (let last = open.at(-1); last && last.level >= level; last = open.at(-1)) {
      const { line, place, isEmpty } = last;
      if (isEmpty) add(lines[line - 1] ?? '', [line, line], place ? { place } : {});
      open.pop();
      headings = headings.slice(0, -1);
    }
  }

  return {
    heading(level, text) {
      close(level);
      fill();
      const [line] = write([`${'#'.repeat(Math.min(level, 6))} ${text}`]);
      open.push({ level, text, line, place: current, isEmpty: true });
      headings = [...headings, text];
      if (text.length <= maxHeading) return;
      // The passages under it carry a part of it only.
      add(text, [line, line], current ? { place: current } : {});
      fill();
    },
    block(added, { tight, ...extra } = {}) {
      const filled = added.filter((line) => line.trim() !== '');
      if (filled.length === 0) return;
      fill();
      add(filled.join('\n'), write(filled, tight), { ...(current && { place: current }), ...extra });
    },
    place(place, marker) {
      current = place;
      write([marker]);
    },
    leavePlace() {
      current = undefined;
    },
    close,
    closeHeadings: () => close(1),
    result() {
      close(1);
      return { text: lines.join('\n'), blocks };
    },
  };
}
