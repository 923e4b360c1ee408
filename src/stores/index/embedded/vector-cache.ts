import type { Session } from '../../sqlite/operation.ts';
import { floatsOf, readState } from './state.ts';

/** All vectors, centred and of length 1, as one matrix: row r is the vector of `chunkAt[r]`. */
export interface VectorCache {
  sequence: number;
  readonly generation: number;
  readonly dimensions: number;
  readonly mean: Float32Array | undefined;
  matrix: Float32Array;
  readonly chunkAt: number[];
  readonly rowOf: Map<number, number>;
}

const key = 'index.vectors';

/** Writes `vector` minus the mean, scaled to length 1, to `target` at `at`. */
export function centre(
  vector: Float32Array,
  mean: Float32Array | undefined,
  target: Float32Array,
  at: number,
): void {
  let square = 0;
  for (let i = 0; i < vector.length; i++) {
    const value = (vector[i] as number) - (mean ? (mean[i] as number) : 0);
    target[at + i] = value;
    square += value * value;
  }
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < vector.length; i++) target[at + i] = (target[at + i] as number) * scale;
}

function put(cache: VectorCache, chunk: number, vector: Float32Array): void {
  const row = cache.rowOf.get(chunk) ?? cache.chunkAt.length;
  const at = row * cache.dimensions;
  if (at + cache.dimensions > cache.matrix.length) {
    const grown = new Float32Array(Math.max(256 * cache.dimensions, cache.matrix.length * 2));
    grown.set(cache.matrix);
    cache.matrix = grown;
  }
  cache.chunkAt[row] = chunk;
  cache.rowOf.set(chunk, row);
  centre(vector, cache.mean, cache.matrix, at);
}

/** The last row takes the place of the removed one. */
function remove({ rowOf, chunkAt, matrix, dimensions }: VectorCache, chunk: number): void {
  const row = rowOf.get(chunk);
  if (row === undefined) return;
  const last = chunkAt.length - 1;
  const moved = chunkAt[last];
  if (moved !== undefined && last !== row) {
    matrix.copyWithin(row * dimensions, last * dimensions, (last + 1) * dimensions);
    chunkAt[row] = moved;
    rowOf.set(moved, row);
  }
  chunkAt.pop();
  rowOf.delete(chunk);
}

/**
 * The cache as of this transaction's snapshot: only what has changed since the last one is read. Like the
 * keyword cache it may be left half refreshed by a cancelled call.
 */
export function vectorCache(session: Session): VectorCache {
  const { db, memory, tick } = session;
  const state = readState(session);
  let cache = memory.get(key) as VectorCache | undefined;
  if (!cache || cache.generation !== state.generation || cache.sequence < state.forgotten) {
    cache = {
      sequence: 0,
      generation: state.generation,
      dimensions: state.dimensions ?? 0,
      mean: state.mean === null ? undefined : floatsOf(state.mean),
      matrix: new Float32Array(0),
      chunkAt: [],
      rowOf: new Map(),
    };
    memory.set(key, cache);
  }
  if (cache.sequence === state.sequence) return cache;
  const removed = db.prepare('SELECT chunk FROM index_removals WHERE sequence > ?');
  for (const row of removed.iterate(cache.sequence)) {
    tick();
    remove(cache, Number(row['chunk']));
  }
  // From nothing the whole table is read, in the order in which it lies in the file.
  const column = cache.sequence === 0 ? '+sequence' : 'sequence';
  const added = db.prepare(`SELECT chunk, vector FROM index_vectors WHERE ${column} > ?`);
  for (const row of added.iterate(cache.sequence)) {
    tick();
    put(cache, Number(row['chunk']), floatsOf(row['vector'] as Uint8Array));
  }
  cache.sequence = state.sequence;
  return cache;
}

/**
 * Dot product of a row and a vector: their centred cosine. The scan of all rows spends its time here: four
 * sums, and no look for `undefined` where the index is in range, make it 2 to 3 times as fast.
 */
export function similarity(cache: VectorCache, row: number, vector: Float32Array): number {
  const { matrix, dimensions } = cache;
  const at = row * dimensions;
  const fours = dimensions - (dimensions % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < fours; i += 4) {
    a += (matrix[at + i] as number) * (vector[i] as number);
    b += (matrix[at + i + 1] as number) * (vector[i + 1] as number);
    c += (matrix[at + i + 2] as number) * (vector[i + 2] as number);
    d += (matrix[at + i + 3] as number) * (vector[i + 3] as number);
  }
  for (let i = fours; i < dimensions; i++) a += (matrix[at + i] as number) * (vector[i] as number);
  return a + b + c + d;
}
