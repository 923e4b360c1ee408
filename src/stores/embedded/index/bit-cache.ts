import type { Session } from '../engine/session.ts';
import { pageOf } from './bit-pages.ts';
import { chunkCache } from './chunk-cache.ts';
import { createSignMemory, type SignMemory } from './hamming.ts';
import { bytesOfSigns } from './sign-bits.ts';
import type { Space } from './spaces.ts';
import { readState } from './state.ts';

/** Sign bits of all vectors of a space, without gaps: row r belongs to `chunks[r]`. */
export interface BitCache {
  sequence: number;
  readonly space: number;
  readonly generation: number;
  /** Per row. */
  readonly bytes: number;
  rows: number;
  readonly memory: SignMemory;
  /** A view of that memory. */
  signs: Uint8Array;
  chunks: Int32Array;
  /** By chunk number; -1 where there is no vector. */
  rowOf: Int32Array;
}

const key = 'index.bits';

function emptyCache({ space, generation, dimensions }: Space): BitCache {
  const memory = createSignMemory();
  return {
    sequence: 0,
    space,
    generation,
    bytes: bytesOfSigns(dimensions),
    rows: 0,
    memory,
    signs: memory.reserve(0),
    chunks: new Int32Array(0),
    rowOf: new Int32Array(0),
  };
}

/** Makes room for this many rows and chunk numbers, at once where they are known in advance. */
function reserve(cache: BitCache, rows: number, highest: number): void {
  if (rows > cache.chunks.length) {
    const room = Math.ceil(rows * 1.1);
    const chunks = new Int32Array(room);
    chunks.set(cache.chunks.subarray(0, cache.rows));
    cache.signs = cache.memory.reserve(room * cache.bytes);
    cache.chunks = chunks;
  }
  if (highest >= cache.rowOf.length) {
    const rowOf = new Int32Array(Math.ceil((highest + 1) * 1.1)).fill(-1, cache.rowOf.length);
    rowOf.set(cache.rowOf);
    cache.rowOf = rowOf;
  }
}

/** The last row replaces the removed one. */
function remove(cache: BitCache, chunk: number): void {
  const { rowOf, chunks, signs, bytes } = cache;
  const row = rowOf[chunk] ?? -1;
  if (row < 0) return;
  const last = cache.rows - 1;
  signs.copyWithin(row * bytes, last * bytes, (last + 1) * bytes);
  chunks[row] = chunks[last] as number;
  rowOf[chunks[row] as number] = row;
  rowOf[chunk] = -1;
  cache.rows = last;
}

/** Reads what was written since the last refresh; a chunk that is already there keeps its row. */
function readPages(session: Session, cache: BitCache, lengths: Int32Array): void {
  const { db, tick } = session;
  const { rowOf, bytes } = cache;
  const pages = db.prepare(
    'SELECT chunks, bits FROM index_bits WHERE space = ? AND sequence > ? ORDER BY page',
  );
  for (const row of pages.iterate(cache.space, cache.sequence)) {
    tick();
    const { chunks, bits } = pageOf(row);
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i] as number;
      if ((rowOf[chunk] ?? -1) >= 0 || (lengths[chunk] ?? -1) < 0) continue;
      cache.signs.set(bits.subarray(i * bytes, (i + 1) * bytes), cache.rows * bytes);
      cache.chunks[cache.rows] = chunk;
      rowOf[chunk] = cache.rows++;
    }
  }
}

/** The cache as of this transaction's snapshot; like the chunk cache, it may be left half refreshed. */
export function bitCache(session: Session, space: Space): BitCache {
  const { db, memory, tick } = session;
  const { lengths, highest } = chunkCache(session);
  const { sequence, forgotten } = readState(session);
  let cache = memory.get(key) as BitCache | undefined;
  const isOther = cache?.space !== space.space || cache.generation !== space.generation;
  if (!cache || isOther || cache.sequence < forgotten) {
    cache = emptyCache(space);
    memory.set(key, cache);
  }
  if (cache.sequence === sequence) return cache;
  const removed = db.prepare('SELECT chunk FROM index_removals WHERE sequence > ?');
  for (const row of removed.iterate(cache.sequence)) {
    tick();
    remove(cache, Number(row['chunk']));
  }
  const more = db
    .prepare('SELECT coalesce(sum(count), 0) AS n FROM index_bits WHERE space = ? AND sequence > ?')
    .get(space.space, cache.sequence);
  reserve(cache, cache.rows + Number(more?.['n'] ?? 0), highest);
  readPages(session, cache, lengths);
  cache.sequence = sequence;
  return cache;
}
