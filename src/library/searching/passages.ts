import type { Call } from '../../call.ts';
import type { Passage, Retriever } from '../../stores/index/types.ts';
import type { SearchQuery } from './query.ts';
import type { Ranked } from './rank.ts';

/** A passage, and its lower-ranked copies. */
interface MergedPassage {
  readonly passage: Passage;
  readonly copies: readonly Passage[];
}

/** Signs that only show how a text is laid out or quoted. */
const layout = /[*_`#|•·"'“”„‘’«»\p{Cf}]/gu;
const dashes = /\p{Pd}|\u2212/gu;

/** What makes two passages copies: the same words, numbers and signs in the same order. */
const contentOf = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replace(layout, ' ').replace(dashes, '-').replace(/\s+/g, ' ').trim();

/** Folds each passage into the first copy. Order is preserved. */
function merged(passages: readonly Passage[]): MergedPassage[] {
  const groups = new Map<string, { passage: Passage; copies: Passage[] }>();
  for (const passage of passages) {
    const content = contentOf(passage.text);
    const same = groups.get(content);
    if (same) same.copies.push(passage);
    else groups.set(content, { passage, copies: [] });
  }
  return [...groups.values()];
}

/** A passage to show, and how many further passages its document has. */
export interface Grouped extends MergedPassage {
  readonly more: number;
}

/**
 * The `limit` best passages, at most `perDocument` of each document while others have some; grouped by document, in the
 * order of each document's best.
 * @param passages best first
 */
function group(passages: readonly MergedPassage[], limit: number, perDocument: number): Grouped[] {
  const shown: MergedPassage[] = [];
  const rest: MergedPassage[] = [];
  const taken = new Map<string, number>();
  for (const item of passages) {
    const { document } = item.passage;
    const before = taken.get(document) ?? 0;
    if (before < perDocument && shown.length < limit) {
      taken.set(document, before + 1);
      shown.push(item);
    } else rest.push(item);
  }
  shown.push(...rest.splice(0, limit - shown.length));
  const groups = new Map<string, MergedPassage[]>();
  for (const item of shown) {
    const { document } = item.passage;
    groups.set(document, [...(groups.get(document) ?? []), item]);
  }
  return [...groups].flatMap(([document, members]) => {
    const more = rest.filter(({ passage }) => passage.document === document).length;
    return members.map((item, i) => ({ ...item, more: i === members.length - 1 ? more : 0 }));
  });
}

/** The passages to show: copies folded, limited per document. */
export async function passagesOf(
  { maxFetched, limit, perDocument, mergeDuplicates }: SearchQuery,
  ranked: readonly Ranked[],
  retriever: Retriever,
  call: Call,
): Promise<Grouped[]> {
  const chunks = ranked.slice(0, maxFetched).map(({ chunk }) => chunk);
  const passages = await retriever.fetch(chunks, call);
  const folded = mergeDuplicates ? merged(passages) : passages.map((passage) => ({ passage, copies: [] }));
  return group(folded, limit, perDocument);
}
