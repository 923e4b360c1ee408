import type { Call } from '../../call.ts';
import type { Candidate, Retriever, Scored, Scores } from '../../stores/index/types.ts';
import type { SearchMode } from '../types.ts';
import { type SearchQuery, type SearchQuestion, withoutPhrases } from './query.ts';

/** The keyword part of a passage with half of what the question's words can bring is 1, like a cosine of 1. */
const halfOfWords = 0.5;

/** A passage with its score, and what that is made of. */
export interface Ranked extends Scored {
  readonly score: number;
  /** Place in the list by words and in the one by meaning, from 1. */
  readonly wordRank?: number;
  readonly meaningRank?: number;
}

export interface Ranking {
  readonly ranked: readonly Ranked[];
  /** The best score of each part among the candidates. */
  readonly best: { readonly keywords: number; readonly cosine: number };
  /** The BM25 of a passage that holds all the question's words; 0 when only words were looked up. */
  readonly fullKeywords: number;
  /** Phrases of the query that no passage holds, and that were given up for their words. */
  readonly missingPhrases: readonly string[];
}

/**
 * The square lets words decide where a passage holds most of what is asked for, and meaning where it holds a word
 * or two. A passage that has no vector yet is taken to be as near in meaning as its words are fitting.
 */
function scoreOf(
  { keywords, cosine }: Scored,
  { best, fullKeywords }: Pick<Ranking, 'best' | 'fullKeywords'>,
  mode: SearchMode,
): number {
  const ofBest = best.keywords > 0 ? keywords / best.keywords : 0;
  if (mode === 'keyword') return ofBest;
  if (mode === 'semantic') return cosine ?? 0;
  const ofFull = fullKeywords > 0 ? keywords / fullKeywords : 0;
  return (ofFull / halfOfWords) ** 2 + (cosine ?? ofBest * best.cosine);
}

/** Candidates by words: they are looked up while the question's vector is still being made. */
export async function wordCandidates(
  { words, selection, maxByWords }: SearchQuestion,
  retriever: Retriever,
  call: Call,
): Promise<readonly Candidate[]> {
  return maxByWords === 0 ? [] : retriever.keywordCandidates(words, selection, maxByWords, call);
}

/** Both scores of the candidates by words and of the nearest; without a vector, what is known already. */
async function scoresOf(
  { vector, scoredWords, selection, maxByMeaning }: SearchQuery,
  byWords: readonly Candidate[],
  retriever: Retriever,
  call: Call,
): Promise<Scores> {
  if (!vector) {
    const scored = byWords.map(({ chunk, score }): Scored => ({ chunk, keywords: score }));
    return { scored, nearest: [], fullKeywords: 0 };
  }
  const nearest = maxByMeaning > 0 && { nearest: { selection, limit: maxByMeaning } };
  const chunks = byWords.map(({ chunk }) => chunk);
  return retriever.score({ query: scoredWords, vector, chunks, ...nearest }, call);
}

const ranksOf = (list: readonly Candidate[]): Map<number, number> =>
  new Map(list.map(({ chunk }, i) => [chunk, i + 1]));

/**
 * The union of both lists' best, with exact scores for both: (2 x bm25 / full bm25)^2 + centred cosine, where a
 * passage that held all words of the question again and again would come near to the full bm25. Equal scores stay
 * in order of chunk number.
 */
export async function rank(
  query: SearchQuery,
  byWords: readonly Candidate[],
  retriever: Retriever,
  call: Call,
): Promise<Ranking> {
  const { scored, nearest, fullKeywords } = await scoresOf(query, byWords, retriever, call);
  const best = {
    keywords: byWords[0]?.score ?? 0,
    cosine: Math.max(0, ...scored.map(({ cosine }) => cosine ?? 0)),
  };
  const [wordRanks, meaningRanks] = [ranksOf(byWords), ranksOf(nearest)];
  const ranked = scored.map((candidate): Ranked => {
    const wordRank = wordRanks.get(candidate.chunk);
    const meaningRank = meaningRanks.get(candidate.chunk);
    return {
      ...candidate,
      score: scoreOf(candidate, { best, fullKeywords }, query.mode),
      ...(wordRank !== undefined && { wordRank }),
      ...(meaningRank !== undefined && { meaningRank }),
    };
  });
  ranked.sort((a, b) => b.score - a.score || a.chunk - b.chunk);
  return { ranked, best, fullKeywords, missingPhrases: [] };
}

/** A quoted question is often no quotation: where no passage holds it, its words count. */
export async function loosened(
  query: SearchQuery,
  ranking: Ranking,
  retriever: Retriever,
  call: Call,
): Promise<Ranking> {
  const { phrases } = query.words;
  if (ranking.ranked.length > 0 || phrases.length === 0) return ranking;
  const loose = withoutPhrases(query);
  const byWords = await wordCandidates(loose, retriever, call);
  return { ...(await rank(loose, byWords, retriever, call)), missingPhrases: phrases };
}

/** Those that are near enough in meaning; all, where nothing was compared. */
export function nearEnough({ vector, minSimilarity }: SearchQuery, { ranked }: Ranking): readonly Ranked[] {
  if (!vector || minSimilarity === undefined) return ranked;
  return ranked.filter(({ cosine }) => cosine !== undefined && cosine >= minSimilarity);
}
