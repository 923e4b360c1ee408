import type { Session } from '../../sqlite/operation.ts';
import { readState } from './state.ts';

/** Length in terms of every chunk, by chunk number: all that BM25 needs beside the postings. */
export interface KeywordCache {
  sequence: number;
  /** -1 where there is no chunk. */
  lengths: Int32Array;
  highest: number;
  chunks: number;
  totalLength: number;
}

const key = 'index.keywords';

function emptyCache(): KeywordCache {
  return { sequence: 0, lengths: new Int32Array(1024).fill(-1), highest: 0, chunks: 0, totalLength: 0 };
}

function put(cache: KeywordCache, chunk: number, length: number): void {
  if (chunk >= cache.lengths.length) {
    const grown = new Int32Array(Math.max(chunk + 1, cache.lengths.length * 2)).fill(-1);
    grown.set(cache.lengths);
    cache.lengths = grown;
  }
  const before = cache.lengths[chunk] ?? -1;
  cache.lengths[chunk] = length;
  cache.highest = Math.max(cache.highest, chunk);
  cache.chunks += (length >= 0 ? 1 : 0) - (before >= 0 ? 1 : 0);
  cache.totalLength += Math.max(0, length) - Math.max(0, before);
}

/**
 * The cache as of this transaction's snapshot. Every step may be repeated, so that a call that is
 * cancelled in the middle leaves a cache that the next one completes.
 */
export function keywordCache(session: Session): KeywordCache {
  const { db, memory, tick } = session;
  const { sequence, forgotten } = readState(session);
  let cache = memory.get(key) as KeywordCache | undefined;
  if (!cache || cache.sequence < forgotten) {
    cache = emptyCache();
    memory.set(key, cache);
  }
  if (cache.sequence === sequence) return cache;
  const added = db.prepare('SELECT chunk, length FROM index_chunks WHERE chunk > ? ORDER BY chunk');
  for (const row of added.iterate(cache.highest)) {
    tick();
    put(cache, Number(row['chunk']), Number(row['length']));
  }
  const removed = db.prepare('SELECT chunk FROM index_removals WHERE sequence > ?');
  for (const row of removed.iterate(cache.sequence)) {
    tick();
    const chunk = Number(row['chunk']);
    if (chunk <= cache.highest) put(cache, chunk, -1);
  }
  cache.sequence = sequence;
  return cache;
}
