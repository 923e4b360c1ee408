import type { MergedPassage } from './merge-duplicates.ts';

/** What is shown, and how many passages of its document there are besides. */
export interface Grouped extends MergedPassage {
  readonly more: number;
}

/**
 * The `limit` best passages, of each document at most `perDocument` while others have some; those of one
 * document together, in the order of each document's best.
 * @param passages the best first
 */
export function group(passages: readonly MergedPassage[], limit: number, perDocument: number): Grouped[] {
  const shown: MergedPassage[] = [];
  const rest: MergedPassage[] = [];
  const taken = new Map<string, number>();
  for (const one of passages) {
    const { document } = one.passage;
    const before = taken.get(document) ?? 0;
    if (before < perDocument && shown.length < limit) {
      taken.set(document, before + 1);
      shown.push(one);
    } else rest.push(one);
  }
  shown.push(...rest.splice(0, limit - shown.length));
  const groups = new Map<string, MergedPassage[]>();
  for (const one of shown) {
    const { document } = one.passage;
    groups.set(document, [...(groups.get(document) ?? []), one]);
  }
  return [...groups].flatMap(([document, members]) => {
    const more = rest.filter(({ passage }) => passage.document === document).length;
    return members.map((one, i) => ({ ...one, more: i === members.length - 1 ? more : 0 }));
  });
}
