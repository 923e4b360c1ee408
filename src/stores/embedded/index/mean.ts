import { isMeanDue, meanOfAtMost, meanVector } from '../../index/centring.ts';
import type { Session } from '../engine/session.ts';
import { chunksInOrder, rewriteBits, vectorsOf } from './bit-pages.ts';
import { type Space, vectorsIn } from './spaces.ts';
import { blobOf } from './state.ts';

/**
 * Freezes the mean that vectors are centred on. This starts a generation, because every sign bit may change; the
 * vectors in the file stay as the model made them.
 * @param complete no more vectors are to come
 */
export function freezeMean(session: Session, space: Space, sequence: number, complete: boolean): void {
  if (!isMeanDue(vectorsIn(session, space), space.meanOf, complete)) return;
  const sample = chunksInOrder(session, space, 2).slice(0, meanOfAtMost);
  const made = meanVector(vectorsOf(session, space, sample), space.dimensions);
  if (!made) return;
  const { mean, count } = made;
  session.db
    .prepare('UPDATE index_spaces SET mean = ?, mean_of = ?, generation = generation + 1 WHERE space = ?')
    .run(blobOf(mean), count, space.space);
  rewriteBits(session, { ...space, mean }, sequence);
}
