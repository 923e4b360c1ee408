import type { Session } from '../../sqlite/operation.ts';
import { analyse } from './analyser.ts';
import { type KeywordCache, keywordCache } from './keyword-cache.ts';
import { visitPostings } from './postings.ts';

/** Lucene's defaults. */
const k1 = 1.2;
const b = 0.75;

/** Scores of every chunk for one query, by chunk number; 0 where no word matches. */
export interface KeywordScores {
  readonly query: string;
  readonly sequence: number;
  readonly scores: Float64Array;
}

const key = 'index.scores';

/** Adds a term's share to the scores of the chunks that are still there. */
function addTerm(
  session: Session,
  { lengths, chunks: n, totalLength }: KeywordCache,
  { term, weight }: { term: string; weight: number },
  segments: readonly number[],
  scores: Float64Array,
): void {
  const { db, tick } = session;
  const read = db.prepare('SELECT postings FROM index_postings WHERE segment = ? AND term = ?');
  const chunks: number[] = [];
  const counts: number[] = [];
  for (const segment of segments) {
    tick();
    const row = read.get(segment, term);
    if (!row) continue;
    visitPostings(row['postings'] as Uint8Array, (chunk, count) => {
      if ((lengths[chunk] ?? -1) < 0) return;
      chunks.push(chunk);
      counts.push(count);
    });
  }
  const df = chunks.length;
  const idf = Math.log(1 + (n - df + 0.5) / (df + 0.5));
  const average = totalLength / n;
  for (let i = 0; i < df; i++) {
    const [chunk, tf] = [chunks[i] ?? 0, counts[i] ?? 0];
    const norm = k1 * (1 - b + (b * (lengths[chunk] ?? 0)) / average);
    scores[chunk] = (scores[chunk] ?? 0) + (weight * idf * tf) / (tf + norm);
  }
}

/**
 * Exact BM25 as Lucene computes it: the sum over the query's terms of idf · tf / (tf + k1 (1 - b + b · dl /
 * avgdl)) with idf = ln(1 + (N - df + .5) / (df + .5)); a word that stands twice in the query counts
 * twice. The scores of the last query are kept, because ranking asks for them twice.
 */
export function keywordScores(session: Session, query: string): KeywordScores {
  const cache = keywordCache(session);
  const last = session.memory.get(key) as KeywordScores | undefined;
  if (last?.query === query && last.sequence === cache.sequence) return last;
  const weights = new Map<string, number>();
  for (const term of analyse(query)) weights.set(term, (weights.get(term) ?? 0) + 1);
  const scores = new Float64Array(cache.highest + 1);
  const segments = session.db
    .prepare('SELECT segment FROM index_segments ORDER BY first_chunk')
    .all()
    .map((row) => Number(row['segment']));
  for (const [term, weight] of weights) addTerm(session, cache, { term, weight }, segments, scores);
  const result = { query, sequence: cache.sequence, scores };
  session.memory.set(key, result);
  return result;
}
