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
  const sample = vectorsOf(session, space, chunksInOrder(session, space)).take(meanOfAtMost);
  const made = meanVector(sample, space.dimensions);
  if (!made && !space.mean) return;
  session.db
    .prepare('UPDATE index_spaces SET mean = ?, mean_of = ?, generation = generation + 1 WHERE space = ?')
    .run(made ? blobOf(made.mean) : null, made?.count ?? 0, space.space);
  rewriteBits(session, { ...space, mean: made?.mean }, sequence);
}
