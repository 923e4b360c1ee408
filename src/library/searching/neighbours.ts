import type { ChunkPlace, Passage } from '../../stores/index/types.ts';

/** Lines between two passages that follow each other: a blank one. */
const maxBetween = 1;

/** The place of two passages that follow each other; undefined where they are of different pages, or rows lie between. */
function joinedPlace(
  a: ChunkPlace | undefined,
  b: ChunkPlace | undefined,
): { place?: ChunkPlace } | undefined {
  if (a && b && 'rows' in a && 'rows' in b) {
    const follows = a.sheet === b.sheet && b.rows[0] <= a.rows[1] + 1;
    return follows ? { place: { ...a, rows: [a.rows[0], b.rows[1]] } } : undefined;
  }
  if (JSON.stringify(a) !== JSON.stringify(b)) return undefined;
  return a === undefined ? {} : { place: a };
}

/** A part of a table repeats the header, which is above the first part already. */
function withoutHeader(text: string, lines: readonly [number, number], above: string): string {
  const [own, before] = [text.split('\n'), above.split('\n')];
  const surplus = Math.max(0, own.length - (lines[1] - lines[0] + 1));
  const isRepeated = own.slice(0, surplus).every((line, i) => line === before[i]);
  return isRepeated ? own.slice(surplus).join('\n') : text;
}

/** `a` and `b`, which comes right after it under the same heading, as one passage. */
function following(a: Passage, b: Passage): Passage | undefined {
  const between = b.lines[0] - a.lines[1] - 1;
  // Parts of one long line do not say which comes first.
  if (b.lines[0] <= a.lines[0] || between < -1 || between > maxBetween) return undefined;
  if (a.document !== b.document || JSON.stringify(a.heading) !== JSON.stringify(b.heading)) return undefined;
  const joined = joinedPlace(a.place, b.place);
  if (!joined) return undefined;
  const separator = between < 0 ? ' ' : '\n'.repeat(between + 1);
  const text = `${a.text}${separator}${withoutHeader(b.text, b.lines, a.text)}`;
  return { ...a, ...joined, lines: [a.lines[0], b.lines[1]], text };
}

/** Two passages of which one follows the other, as one longer passage; undefined where they do not. */
export function joinedPassages(a: Passage, b: Passage): Passage | undefined {
  return following(a, b) ?? following(b, a);
}
