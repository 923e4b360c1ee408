import { idfOf, lengthNorm } from '../../index/bm25.ts';
import type { ScoringTerm } from '../../index/query-terms.ts';
import type { WordQuery } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { type ChunkCache, chunkCache } from './chunk-cache.ts';
import { appendPostings, emptyPostings, type PostingList } from './postings.ts';
import { scoringTerms } from './query-terms.ts';

/** Scores of every chunk for one query, by chunk number; 0 where no word matches. */
interface KeywordScores {
  readonly query: string;
  readonly sequence: number;
  readonly scores: Float64Array;
  /** The limit of a score when every word occurs again and again: the sum of weight · idf. */
  readonly full: number;
}

const key = 'index.scores';
const listKey = 'index.postings';

/** The chunks of a term, over all segments, in chunk order. Valid until the next call. */
export function postingsOf(session: Session, term: string, { lengths }: ChunkCache): PostingList {
  const { memory, tick } = session;
  const list = (memory.get(listKey) as PostingList | undefined) ?? emptyPostings();
  memory.set(listKey, list);
  list.size = 0;
  const read = statement(
    session,
    `SELECT postings FROM index_segments CROSS JOIN index_postings USING (segment)
      WHERE term = ? ORDER BY first_chunk`,
  );
  for (const row of read.all(term)) {
    tick();
    appendPostings(row['postings'] as Uint8Array, lengths, list);
  }
  return list;
}

/** The chunks of any of several terms, whose occurrences count as those of one. */
function postingsOfAll(session: Session, terms: readonly string[], cache: ChunkCache): PostingList {
  if (terms.length === 1) return postingsOf(session, terms[0] ?? '', cache);
  const sums = new Map<number, number>();
  for (const term of terms) {
    const { size, chunks, counts } = postingsOf(session, term, cache);
    for (let i = 0; i < size; i++) {
      const chunk = chunks[i] as number;
      sums.set(chunk, (sums.get(chunk) ?? 0) + (counts[i] as number));
    }
  }
  return {
    size: sums.size,
    chunks: Int32Array.from(sums.keys()),
    counts: Int32Array.from(sums.values()),
  };
}

/** Adds a term's share to the scores, and returns the limit of that share. */
function addTerm(
  session: Session,
  cache: ChunkCache,
  { terms, weight }: ScoringTerm,
  scores: Float64Array,
): number {
  const { lengths, chunks: n, totalLength } = cache;
  const { size: df, chunks, counts } = postingsOfAll(session, terms, cache);
  const idf = idfOf(n, df);
  const average = totalLength / n;
  for (let i = 0; i < df; i++) {
    const [chunk, tf] = [chunks[i] as number, counts[i] as number];
    const norm = lengthNorm(lengths[chunk] as number, average);
    scores[chunk] = (scores[chunk] as number) + (weight * idf * tf) / (tf + norm);
  }
  return weight * idf;
}

/** An array of zeros; reuses that of the last query if it is long enough. */
function zeros(last: KeywordScores | undefined, length: number): Float64Array {
  if (!last || last.scores.length < length) return new Float64Array(Math.ceil(length * 1.1));
  return last.scores.fill(0);
}

/** Exact BM25. The scores of the last query are cached, because ranking needs them twice. */
export function keywordScores(session: Session, query: WordQuery): KeywordScores {
  const { memory } = session;
  const cache = chunkCache(session);
  const last = memory.get(key) as KeywordScores | undefined;
  const name = JSON.stringify(query);
  if (last?.query === name && last.sequence === cache.sequence) return last;
  // A call that is stopped midway must not leave partial scores under this query.
  memory.delete(key);
  const scores = zeros(last, cache.highest + 1);
  let full = 0;
  for (const term of scoringTerms(session, query)) full += addTerm(session, cache, term, scores);
  const made: KeywordScores = { query: name, sequence: cache.sequence, scores, full };
  memory.set(key, made);
  return made;
}
