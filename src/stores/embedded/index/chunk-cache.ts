import type { Session } from '../engine/session.ts';
import { readState } from './state.ts';

/** For every chunk, by number: its length in terms and the number of its document. */
export interface ChunkCache {
  sequence: number;
  /** -1 where there is no chunk. */
  lengths: Int32Array;
  documents: Int32Array;
  highest: number;
  chunks: number;
  totalLength: number;
}

const key = 'index.chunks';

function emptyCache(): ChunkCache {
  return {
    sequence: 0,
    lengths: new Int32Array(1024).fill(-1),
    documents: new Int32Array(1024),
    highest: 0,
    chunks: 0,
    totalLength: 0,
  };
}

/** A longer copy, with some room for growth. */
function grown(array: Int32Array, length: number, empty: number): Int32Array {
  const longer = new Int32Array(Math.ceil(length * 1.1) + 1_024).fill(empty, array.length);
  longer.set(array);
  return longer;
}

/** Makes room for chunks up to a number, at once where it is known in advance. */
function reserve(cache: ChunkCache, highest: number): void {
  if (highest < cache.lengths.length) return;
  cache.lengths = grown(cache.lengths, highest + 1, -1);
  cache.documents = grown(cache.documents, highest + 1, 0);
}

function put(cache: ChunkCache, chunk: number, length: number, document: number): void {
  const before = cache.lengths[chunk] ?? -1;
  cache.lengths[chunk] = length;
  cache.documents[chunk] = document;
  cache.highest = Math.max(cache.highest, chunk);
  cache.chunks += (length >= 0 ? 1 : 0) - (before >= 0 ? 1 : 0);
  cache.totalLength += Math.max(0, length) - Math.max(0, before);
}

/**
 * The cache as of this transaction's snapshot. Every step may be repeated, so a call that is cancelled midway leaves a
 * cache that the next one completes.
 */
export function chunkCache(session: Session): ChunkCache {
  const { db, memory, tick } = session;
  const { sequence, forgotten } = readState(session);
  let cache = memory.get(key) as ChunkCache | undefined;
  if (!cache || cache.sequence < forgotten) {
    cache = emptyCache();
    memory.set(key, cache);
  }
  if (cache.sequence === sequence) return cache;
  const highest = db.prepare('SELECT coalesce(max(chunk), 0) AS n FROM index_chunks').get();
  reserve(cache, Number(highest?.['n'] ?? 0));
  const added = db.prepare('SELECT chunk, length, document FROM index_chunks WHERE chunk > ? ORDER BY chunk');
  added.setReturnArrays(true);
  for (const row of added.iterate(cache.highest) as Iterable<unknown>) {
    tick();
    const [chunk, length, document] = row as [number, number, number];
    put(cache, chunk, length, document);
  }
  const removed = db.prepare('SELECT chunk FROM index_removals WHERE sequence > ?');
  for (const row of removed.iterate(cache.sequence)) {
    tick();
    const chunk = Number(row['chunk']);
    if (chunk <= cache.highest) put(cache, chunk, -1, 0);
  }
  cache.sequence = sequence;
  return cache;
}
