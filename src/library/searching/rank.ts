import type { Call } from '../../call.ts';
import type { QueryVector, Retriever, Scored, Selection, WordQuery } from '../../stores/index/types.ts';
import type { SearchMode } from '../types.ts';

/** Candidates from each list; more changes nothing (ARCHITECTURE.md, Search). */
const candidates = 100;
/** Passages that hold the phrases of a question: meaning only orders them. */
const phraseCandidates = 500;
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
}

/** What is asked of which documents. */
export interface RankedQuery {
  readonly words: WordQuery;
  readonly selection: Selection;
  readonly mode: SearchMode;
  readonly limit: number;
}

/**
 * The square lets words decide where a passage holds most of what is asked for, and meaning where it holds a word
 * or two. A passage that has no vector yet is taken to be as near in meaning as its words are fitting.
 */
function scoreOf(
  { keywords, cosine }: Scored,
  { best, fullKeywords }: Omit<Ranking, 'ranked'>,
  mode: SearchMode,
): number {
  const ofBest = best.keywords > 0 ? keywords / best.keywords : 0;
  if (mode === 'keyword') return ofBest;
  if (mode === 'semantic') return cosine ?? 0;
  const ofFull = fullKeywords > 0 ? keywords / fullKeywords : 0;
  return (ofFull / halfOfWords) ** 2 + (cosine ?? ofBest * best.cosine);
}

/** Candidates by words: they are looked up while the question's vector is still being made. */
export function wordCandidates(
  { words, selection, mode, limit }: RankedQuery,
  retriever: Retriever,
  call: Call,
): ReturnType<Retriever['keywordCandidates']> {
  const hasPhrases = words.phrases.length > 0;
  if (mode === 'semantic' && !hasPhrases) return Promise.resolve([]);
  return retriever.keywordCandidates(words, selection, hasPhrases ? phraseCandidates : depthOf(limit), call);
}

/** Several candidates may be of one document or be copies. */
function depthOf(limit: number): number {
  return Math.max(candidates, 3 * limit);
}

const ranksOf = (list: readonly { readonly chunk: number }[]): Map<number, number> =>
  new Map(list.map(({ chunk }, i) => [chunk, i + 1]));

/**
 * The union of both lists' best, with exact scores for both: (2 x bm25 / full bm25)^2 + centred cosine, where a
 * passage that held all words of the question again and again would come near to the full bm25. Equal scores stay
 * in order of chunk number. Phrases must be there, so with them the list by words is all there is.
 */
export async function rank(
  { words, selection, mode, limit }: RankedQuery,
  vector: QueryVector | undefined,
  { retriever, byWords: looked }: { retriever: Retriever; byWords: ReturnType<typeof wordCandidates> },
  call: Call,
): Promise<Ranking> {
  const byWords = await looked;
  const chunks = byWords.map(({ chunk }) => chunk);
  const nearest = words.phrases.length === 0 && { nearest: { selection, limit: depthOf(limit) } };
  // Nobody asks for the scores by words: to look them up takes half of the time.
  const query = mode === 'semantic' ? { words: '', phrases: [], prefixes: [] } : words;
  const {
    scored,
    nearest: byMeaning,
    fullKeywords,
  } = vector
    ? await retriever.score({ query, vector, chunks, ...nearest }, call)
    : {
        scored: byWords.map(({ chunk, score }): Scored => ({ chunk, keywords: score })),
        nearest: [],
        fullKeywords: 0,
      };
  const best = {
    keywords: byWords[0]?.score ?? 0,
    cosine: Math.max(0, ...scored.map(({ cosine }) => cosine ?? 0)),
  };
  const [wordRanks, meaningRanks] = [ranksOf(byWords), ranksOf(byMeaning)];
  const ranked = scored.map((one): Ranked => {
    const wordRank = wordRanks.get(one.chunk);
    const meaningRank = meaningRanks.get(one.chunk);
    return {
      ...one,
      score: scoreOf(one, { best, fullKeywords }, mode),
      ...(wordRank !== undefined && { wordRank }),
      ...(meaningRank !== undefined && { meaningRank }),
    };
  });
  ranked.sort((a, b) => b.score - a.score || a.chunk - b.chunk);
  return { ranked, best, fullKeywords };
}
