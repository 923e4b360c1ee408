import { centredCosine } from '../../index/centring.ts';
import type { Candidate } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { bestScores } from './best-scores.ts';
import { bitCache } from './bit-cache.ts';
import { estimate } from './estimate.ts';
import { type Space, vectorKey } from './spaces.ts';
import { floatsOf } from './state.ts';

/**
 * How many candidates are scored by their float vectors: at least, per further turn, and at most, by the number of
 * rows.
 */
const rescored = { min: 200, perTurn: 100, limit: { share: 1 / 80, min: 400, max: 4_000 } };
/** How many of the nearest must not be missed, and how many deviations of an estimate count as certain. */
const nearestCount = 10;
const deviations = 2;

/** Rows read per statement. */
const rowsPerRead = 200;

/** Exact centred cosines of chunks that have a vector in the space. */
export function cosines(
  session: Session,
  space: Space,
  query: Float32Array,
  chunks: readonly number[],
): Candidate[] {
  // One statement for many rows: a third faster than one statement per row.
  const read = statement(
    session,
    'SELECT value AS chunk, vector FROM json_each(?) CROSS JOIN index_vectors ON index_vectors.key = ? + value',
  );
  const found: Candidate[] = [];
  for (let from = 0; from < chunks.length; from += rowsPerRead) {
    session.tick();
    const part = chunks.slice(from, from + rowsPerRead);
    for (const { chunk, vector } of read.all(JSON.stringify(part), vectorKey(space.space, 0))) {
      const score = centredCosine(query, floatsOf(vector as Uint8Array), space.mean);
      found.push({ chunk: Number(chunk), score });
    }
  }
  return found;
}

/**
 * The score by sign bits below which no chunk can still be among the nearest. A query's dot product with the signs of a
 * unit vector, over √d · √(2/π), estimates the cosine; its standard deviation is at most √((π/2 - 1) / (d - 1)).
 * Source: Gao and Long, RaBitQ, SIGMOD 2024, where the vector's own 1-norm takes the place of the average √(2/π)
 * (measured: .79 to .80 for √(2/π) = .798).
 */
function floorOf(exact: readonly Candidate[], dimensions: number): number {
  const scores = Float64Array.from(exact, ({ score }) => score).sort();
  const last = scores.at(-nearestCount) ?? -1;
  const deviation = Math.sqrt((Math.PI / 2 - 1) / Math.max(1, dimensions - 1));
  return (last - deviations * deviation) * Math.sqrt((2 * dimensions) / Math.PI);
}

/**
 * The nearest chunks, at least `limit` if there are so many: estimated by sign bits, which are in memory, then scored
 * by their float vectors, the best estimates first, until no other can be among the nearest. Recall@10 of exact on
 * 90,000 real passages: .992 with 200 scored, .998 with 226 on average (2.2 deviations); vectors that lie closer
 * together take more.
 * @param query centred, of length 1
 */
export function nearestChunks(
  session: Session,
  space: Space,
  query: Float32Array,
  allowed: Uint8Array | undefined,
  limit: number,
): Candidate[] {
  const cache = bitCache(session, space);
  const { share, min, max } = rescored.limit;
  const maxRescored = Math.max(2 * limit, Math.min(max, Math.max(min, Math.ceil(cache.rows * share))));
  const { chunks, scores } = estimate(session, cache, query, allowed, maxRescored);
  const best = bestScores(scores, scores.length, maxRescored);
  const exact: Candidate[] = [];
  let turn = Math.max(rescored.min, 2 * limit);
  for (let from = 0; from < best.length; from += turn, turn = rescored.perTurn) {
    if (from > 0 && (scores[best[from] as number] as number) < floorOf(exact, space.dimensions)) break;
    const part = Array.from(best.subarray(from, from + turn), (place) => chunks[place] as number);
    // In file order.
    part.sort((a, b) => a - b);
    exact.push(...cosines(session, space, query, part));
  }
  return exact.sort((a, b) => b.score - a.score || a.chunk - b.chunk);
}
