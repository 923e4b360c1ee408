import type { Call } from '../../call.ts';
import type { Library, SearchMode } from '../types.ts';

/** A question with the relevance of documents; unlisted ones are irrelevant. */
export interface JudgedQuestion {
  readonly query: string;
  readonly relevant: ReadonlyMap<string, number>;
}

/** Means over all questions, each from 0 to 1. */
export interface Quality {
  /** Gain 2^rel - 1, discount log2(rank + 1), of the first 10 (Järvelin and Kekäläinen 2002). */
  readonly ndcg10: number;
  /** Share of the relevant documents among the first 100. */
  readonly recall100: number;
  /** 1 / rank of the first relevant document among the first 10. */
  readonly mrr10: number;
}

export interface Evaluation extends Quality {
  readonly msPerQuestion: number;
  /** Questions with no relevant document among the first 10. */
  readonly missed: readonly string[];
}

export const searchModes: readonly SearchMode[] = ['keyword', 'semantic', 'hybrid'];

const shown = 10;
const depth = 100;

/** The quality of one ranking. */
function qualityOf(ranked: readonly string[], relevant: ReadonlyMap<string, number>): Quality {
  const dcg = (gains: readonly number[]): number =>
    gains.reduce((sum, relevance, i) => sum + (2 ** relevance - 1) / Math.log2(i + 2), 0);
  const top = ranked.slice(0, shown);
  const ideal = [...relevant.values()].sort((a, b) => b - a).slice(0, shown);
  const best = dcg(ideal);
  const isRelevant = (document: string): boolean => (relevant.get(document) ?? 0) > 0;
  const all = [...relevant.values()].filter((relevance) => relevance > 0).length;
  const first = top.findIndex(isRelevant);
  return {
    ndcg10: best === 0 ? 0 : dcg(top.map((document) => relevant.get(document) ?? 0)) / best,
    recall100: all === 0 ? 0 : ranked.slice(0, depth).filter(isRelevant).length / all,
    mrr10: first < 0 ? 0 : 1 / (first + 1),
  };
}

/**
 * Runs all questions and measures the ranks of their documents. A document ranks by its best passage; copies count too.
 * @param nameOf maps a library document to its name in the judgements
 * @throws HydrogenError as `Library.search`.
 */
export async function evaluate(
  library: Library,
  questions: readonly JudgedQuestion[],
  mode: SearchMode,
  nameOf: (document: string) => string,
  call: Call,
): Promise<Evaluation> {
  const sum = { ndcg10: 0, recall100: 0, mrr10: 0 };
  const missed: string[] = [];
  const begun = performance.now();
  for (const { query, relevant } of questions) {
    const { hits } = await library.search(
      { query, mode, limit: depth, perDocument: 1, mergeDuplicates: false, isOwnOnly: true },
      call,
    );
    const ranked = [...new Set(hits.map(({ document }) => nameOf(document)))];
    const quality = qualityOf(ranked, relevant);
    for (const name of ['ndcg10', 'recall100', 'mrr10'] as const) sum[name] += quality[name];
    if (quality.mrr10 === 0) missed.push(query);
  }
  const n = Math.max(1, questions.length);
  return {
    ndcg10: sum.ndcg10 / n,
    recall100: sum.recall100 / n,
    mrr10: sum.mrr10 / n,
    msPerQuestion: (performance.now() - begun) / n,
    missed,
  };
}
