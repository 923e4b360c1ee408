import type { Session } from '../engine/session.ts';
import { chunksInOrder, rewriteBits, vectorsOf } from './bit-pages.ts';
import { type Space, vectorsIn } from './spaces.ts';
import { blobOf } from './state.ts';

/** The number of vectors for a mean: the minimum, and when more are still to come. */
const minVectors = 20;
const meanWhilePending = 256;
/** A mean of fewer vectors than this is recomputed once there are `meanGrowth` times as many. */
const meanIsGood = 1_000;
const meanGrowth = 8;
const meanOfAtMost = 2_000;

/** How many vectors a space must have for a (new) mean. */
function enough({ meanOf }: Space, complete: boolean): number {
  if (meanOf >= meanIsGood) return Number.POSITIVE_INFINITY;
  const required = meanOf === 0 ? minVectors : meanOf * meanGrowth;
  return complete ? required : Math.max(required, meanWhilePending);
}

/**
 * Freezes the mean that vectors are centred on (ARCHITECTURE.md, Search). This starts a generation, because every sign
 * bit may change; the vectors in the file stay as the model made them.
 * @param complete no more vectors are to come
 */
export function freezeMean(session: Session, space: Space, sequence: number, complete: boolean): void {
  if (vectorsIn(session, space) < enough(space, complete)) return;
  const sample = chunksInOrder(session, space, 2).slice(0, meanOfAtMost);
  const sum = new Float64Array(space.dimensions);
  let count = 0;
  for (const { vector } of vectorsOf(session, space, sample)) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
    count++;
  }
  if (count < minVectors) return;
  const mean = Float32Array.from(sum, (value) => value / count);
  session.db
    .prepare('UPDATE index_spaces SET mean = ?, mean_of = ?, generation = generation + 1 WHERE space = ?')
    .run(blobOf(mean), count, space.space);
  rewriteBits(session, { ...space, mean }, sequence);
}
