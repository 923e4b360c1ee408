import type { Session } from '../../sqlite/operation.ts';
import type { WordQuery } from '../types.ts';
import { type ChunkCache, chunkCache } from './chunk-cache.ts';
import { visitPostings } from './postings.ts';
import { type ScoringTerm, scoringTerms } from './query-terms.ts';

/** Lucene's defaults. */
const k1 = 1.2;
const b = 0.75;

/** Scores of every chunk for one query, by chunk number; 0 where no word matches. */
interface KeywordScores {
  readonly query: string;
  readonly sequence: number;
  readonly scores: Float64Array;
}

const key = 'index.scores';

/** The segments of the postings, in the order of their chunks. */
export function segmentsOf({ db }: Session): number[] {
  return db
    .prepare('SELECT segment FROM index_segments ORDER BY first_chunk')
    .all()
    .map((row) => Number(row['segment']));
}

/** Calls `visit` for every posting of a term whose chunk is still there. */
export function visitTerm(
  { db, tick }: Session,
  term: string,
  segments: readonly number[],
  { lengths }: ChunkCache,
  visit: (chunk: number, count: number) => void,
): void {
  const read = db.prepare('SELECT postings FROM index_postings WHERE segment = ? AND term = ?');
  for (const segment of segments) {
    tick();
    const row = read.get(segment, term);
    if (!row) continue;
    visitPostings(row['postings'] as Uint8Array, (chunk, count) => {
      if ((lengths[chunk] ?? -1) >= 0) visit(chunk, count);
    });
  }
}

/** In which chunks a term stands, and how often; the occurrences of several terms count as one's. */
function occurrences(
  session: Session,
  terms: readonly string[],
  segments: readonly number[],
  cache: ChunkCache,
): { chunks: number[]; counts: number[] } {
  const chunks: number[] = [];
  const counts: number[] = [];
  if (terms.length === 1) {
    visitTerm(session, terms[0] ?? '', segments, cache, (chunk, count) => {
      chunks.push(chunk);
      counts.push(count);
    });
    return { chunks, counts };
  }
  const sums = new Map<number, number>();
  for (const term of terms) {
    visitTerm(session, term, segments, cache, (chunk, count) => {
      sums.set(chunk, (sums.get(chunk) ?? 0) + count);
    });
  }
  return { chunks: [...sums.keys()], counts: [...sums.values()] };
}

/** Adds a term's share to the scores. */
function addTerm(
  session: Session,
  cache: ChunkCache,
  { terms, weight }: ScoringTerm,
  segments: readonly number[],
  scores: Float64Array,
): void {
  const { lengths, chunks: n, totalLength } = cache;
  const { chunks, counts } = occurrences(session, terms, segments, cache);
  const df = chunks.length;
  const idf = Math.log(1 + (n - df + 0.5) / (df + 0.5));
  const average = totalLength / n;
  for (let i = 0; i < df; i++) {
    const [chunk, tf] = [chunks[i] as number, counts[i] as number];
    const norm = k1 * (1 - b + (b * (lengths[chunk] as number)) / average);
    scores[chunk] = (scores[chunk] as number) + (weight * idf * tf) / (tf + norm);
  }
}

/** An array of zeros; the one of the last query where it is long enough. */
function zeros(last: KeywordScores | undefined, length: number): Float64Array {
  if (!last || last.scores.length < length) return new Float64Array(Math.ceil(length * 1.1));
  return last.scores.fill(0);
}

/**
 * Exact BM25 as Lucene computes it: the sum over the query's terms of idf · tf / (tf + k1 (1 - b + b · dl /
 * avgdl)) with idf = ln(1 + (N - df + .5) / (df + .5)). The scores of the last query are kept, because
 * ranking asks for them twice.
 */
export function keywordScores(session: Session, query: WordQuery): Float64Array {
  const { memory } = session;
  const cache = chunkCache(session);
  const last = memory.get(key) as KeywordScores | undefined;
  const name = JSON.stringify(query);
  if (last?.query === name && last.sequence === cache.sequence) return last.scores;
  // A call that is stopped in the middle must not leave its half-made scores under this query.
  memory.delete(key);
  const scores = zeros(last, cache.highest + 1);
  const segments = segmentsOf(session);
  for (const term of scoringTerms(session, query, segments)) addTerm(session, cache, term, segments, scores);
  memory.set(key, { query: name, sequence: cache.sequence, scores });
  return scores;
}
