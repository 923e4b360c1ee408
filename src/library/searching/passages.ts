import type { Call } from '../../call.ts';
import type { Passage, Retriever } from '../../stores/index/types.ts';
import { joinedPassages } from './neighbours.ts';
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

/** What stands in one place of an answer: a passage, or neighbours that are one text. */
export interface ShownPassage extends MergedPassage {
  /** The number of its best passage, whose score it has. */
  readonly best: number;
  /** How many passages it was joined from. */
  readonly joined: number;
  /** How many further passages its document has; on the document's last. */
  readonly more: number;
}

/** The first places go to different documents while others are nearly as near: by this share of a score. */
const firstPlaces = 3;
const nearly = 0.6;
/** Most neighbours that become one passage. */
const maxJoined = 3;

type Place = Omit<ShownPassage, 'more'>;

/** The place with the passage joined to it; undefined where they are not neighbours. */
function withNeighbour(place: Place, { passage, copies }: MergedPassage): Place | undefined {
  if (place.joined === maxJoined) return undefined;
  const joined = joinedPassages(place.passage, passage);
  return (
    joined && { ...place, passage: joined, copies: [...place.copies, ...copies], joined: place.joined + 1 }
  );
}

/** The next to be placed: the best, or of the first places the best of another document that is nearly as near. */
function nextOf(
  queue: readonly MergedPassage[],
  places: readonly Place[],
  scoreOf: (passage: Passage) => number,
): MergedPassage | undefined {
  const [best] = queue;
  const isShown = ({ passage }: MergedPassage): boolean =>
    places.some((place) => place.passage.document === passage.document);
  if (!best || places.length >= firstPlaces || !isShown(best)) return best;
  const needed = nearly * scoreOf(best.passage);
  return queue.find((one) => !isShown(one) && scoreOf(one.passage) >= needed) ?? best;
}

/**
 * The `limit` best, in order of score, at most `perDocument` of each document while others have some.
 * @param passages best first
 */
function placed(
  passages: readonly MergedPassage[],
  { limit, perDocument }: Pick<SearchQuery, 'limit' | 'perDocument'>,
  scoreOf: (passage: Passage) => number,
): ShownPassage[] {
  const places: Place[] = [];
  const taken = new Map<string, number>();
  const heldBack: MergedPassage[] = [];

  function take(one: MergedPassage): void {
    const { document, chunk } = one.passage;
    taken.set(document, (taken.get(document) ?? 0) + 1);
    for (const [i, place] of places.entries()) {
      const joined = withNeighbour(place, one);
      if (!joined) continue;
      places[i] = joined;
      return;
    }
    places.push({ ...one, best: chunk, joined: 1 });
  }

  const queue = [...passages];
  while (places.length < limit) {
    const next = nextOf(queue, places, scoreOf);
    if (!next) break;
    queue.splice(queue.indexOf(next), 1);
    if ((taken.get(next.passage.document) ?? 0) < perDocument) take(next);
    else heldBack.push(next);
  }
  while (places.length < limit && heldBack.length > 0) take(heldBack.shift() as MergedPassage);
  const rest = [...heldBack, ...queue];
  return places.map((place, i) => {
    const { document } = place.passage;
    const isLast = places.findLastIndex((one) => one.passage.document === document) === i;
    const more = isLast ? rest.filter(({ passage }) => passage.document === document).length : 0;
    return { ...place, more };
  });
}

/** The passages to show: copies folded, neighbours joined, limited per document. */
export async function passagesOf(
  query: SearchQuery,
  ranked: readonly Ranked[],
  retriever: Retriever,
  call: Call,
): Promise<ShownPassage[]> {
  const best = ranked.slice(0, query.maxFetched);
  const passages = await retriever.fetch(
    best.map(({ chunk }) => chunk),
    call,
  );
  const scores = new Map(best.map(({ chunk, score }) => [chunk, score]));
  const folded = query.mergeDuplicates
    ? merged(passages)
    : passages.map((passage) => ({ passage, copies: [] }));
  return placed(folded, query, ({ chunk }) => scores.get(chunk) ?? 0);
}
