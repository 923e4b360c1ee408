import type { Call } from '../../call.ts';
import type { Candidate, Candidates, QueryVector, Retriever, Scored } from '../../stores/index/types.ts';
import type { SearchHit, SearchMode } from '../types.ts';
import { type ParsedSearch, type SearchQuery, withoutPhrases } from './query.ts';

/**
 * The weights of both parts in a hybrid score, chosen for the mean nDCG@10 over eleven judged sets (ARCHITECTURE.md,
 * Search): at `halfTrust` of the question in the best passage by words, its words count for half.
 */
const halfTrust = 0.3;
const meaningWeight = 2.5;

/** The more of the query the best passage by words holds, the more words decide; the nearer the nearest, meaning. */
type Weights = NonNullable<SearchHit['parts']>['weights'];

/** A passage with its score and the parts of that. */
export interface Ranked extends Scored {
  readonly score: number;
  /** Rank in the keyword list and in the vector list, from 1. */
  readonly wordRank?: number;
  readonly meaningRank?: number;
}

export interface Ranking {
  readonly ranked: readonly Ranked[];
  /** The best score of each part among the candidates. */
  readonly best: { readonly keywords: number; readonly cosine: number };
  /** The full BM25 of the query (see `rank`); 0 for a pure keyword search. */
  readonly fullKeywords: number;
  readonly weights: Weights;
  /** Phrases that no passage contains and that were relaxed to their words. */
  readonly missingPhrases: readonly string[];
}

function weightsOf({ best, fullKeywords }: Pick<Ranking, 'best' | 'fullKeywords'>): Weights {
  const held = fullKeywords > 0 ? (best.keywords / fullKeywords) ** 3 : 0;
  return { words: held / (held + halfTrust ** 3), meaning: meaningWeight * best.cosine };
}

/** A passage without a vector is assumed to be as close in meaning as it is in words. */
function scoreOf(
  { keywords, cosine }: Scored,
  { best, weights }: Pick<Ranking, 'best' | 'weights'>,
  mode: SearchMode,
): number {
  const ofBest = best.keywords > 0 ? keywords / best.keywords : 0;
  if (mode === 'keyword') return ofBest;
  if (mode === 'semantic') return cosine ?? 0;
  return weights.words * ofBest ** 1.5 + weights.meaning * (cosine ?? ofBest * best.cosine);
}

/** The candidates of a query, some of which are looked up while its vector is being made. */
export function candidatesOf(
  { words, scoredWords, selection, maxByWords, maxByMeaning }: ParsedSearch,
  vector: Promise<QueryVector | undefined>,
  retriever: Retriever,
  call: Call,
): Promise<Candidates> {
  const limits = { byWords: maxByWords, byMeaning: maxByMeaning };
  return retriever.candidates({ words, scoredWords, selection, vector, ...limits }, call);
}

const ranksOf = (list: readonly Candidate[]): Map<number, number> =>
  new Map(list.map(({ chunk }, i) => [chunk, i + 1]));

/**
 * The union of both lists, with exact scores for both: w x (bm25 / best bm25)^1.5 + 2.5 x nearest x cosine. The nearest
 * is the best cosine, w = c^3 / (c^3 + .3^3), and c = best bm25 / full bm25 says how much of the question its best
 * passage holds: the full BM25 is the limit for a passage that repeats all words of the query endlessly. Ties are in
 * order of the cosine, then of the chunk number.
 */
export function rank(query: SearchQuery, found: Candidates): Ranking {
  const { byWords } = found;
  // A vector that does not fit the index is no vector: then words alone decide.
  const { scored, nearest, fullKeywords } = query.vector
    ? found
    : {
        scored: byWords.map(({ chunk, score }): Scored => ({ chunk, keywords: score })),
        nearest: [],
        fullKeywords: 0,
      };
  const best = {
    keywords: byWords[0]?.score ?? 0,
    cosine: Math.max(0, ...scored.map(({ cosine }) => cosine ?? 0)),
  };
  const weights = weightsOf({ best, fullKeywords });
  const [wordRanks, meaningRanks] = [ranksOf(byWords), ranksOf(nearest)];
  const ranked = scored.map((candidate): Ranked => {
    const wordRank = wordRanks.get(candidate.chunk);
    const meaningRank = meaningRanks.get(candidate.chunk);
    return {
      ...candidate,
      score: scoreOf(candidate, { best, weights }, query.mode),
      ...(wordRank !== undefined && { wordRank }),
      ...(meaningRank !== undefined && { meaningRank }),
    };
  });
  const nearness = ({ cosine = -1 }: Ranked): number => cosine;
  ranked.sort((a, b) => b.score - a.score || nearness(b) - nearness(a) || a.chunk - b.chunk);
  return { ranked, best, fullKeywords, weights, missingPhrases: [] };
}

/** A quoted query is often not a quotation: where no passage contains the phrase, match its words. */
export async function loosened(
  query: SearchQuery,
  ranking: Ranking,
  retriever: Retriever,
  call: Call,
): Promise<Ranking> {
  const { phrases } = query.words;
  if (ranking.ranked.length > 0 || phrases.length === 0) return ranking;
  const loose = withoutPhrases(query);
  const found = await candidatesOf(loose, Promise.resolve(loose.vector), retriever, call);
  return { ...rank(loose, found), missingPhrases: phrases };
}

/** The passages with at least `minSimilarity`; all of them where nothing was compared. */
export function nearEnough({ vector, minSimilarity }: SearchQuery, { ranked }: Ranking): readonly Ranked[] {
  if (!vector || minSimilarity === undefined) return ranked;
  return ranked.filter(({ cosine }) => cosine !== undefined && cosine >= minSimilarity);
}
