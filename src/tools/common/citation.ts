import type { ChunkPlace } from '../../stores/index/types.ts';

/** `12-15`, or `12` for one line. */
function lineRange([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** A passage's place as cited: its lines, and page, slide, chapter, or sheet and rows. */
export interface Citation {
  readonly lines: string;
  readonly page?: number;
  readonly slide?: number;
  readonly chapter?: number;
  readonly sheet?: string;
  readonly rows?: string;
}

export function citation(lines: readonly [number, number], place: ChunkPlace | undefined): Citation {
  if (!place) return { lines: lineRange(lines) };
  if ('rows' in place) return { sheet: place.sheet, rows: lineRange(place.rows), lines: lineRange(lines) };
  return { ...place, lines: lineRange(lines) };
}

/** The headings above a passage, without repeating the title. */
export function headingText(title: string, heading: readonly string[]): string | undefined {
  const parts = heading[0] === title ? heading.slice(1) : heading;
  return parts.length > 0 ? parts.join(' > ') : undefined;
}
