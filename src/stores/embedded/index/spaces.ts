import { otherModelServes } from '../../index/space-conflicts.ts';
import type { VectorSpace } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { floatsOf } from './state.ts';

/**
 * Vectors that may be compared. One space serves; another may be built alongside, and one that has served waits to be
 * deleted. `generation` grows whenever all its sign bits are replaced (a new mean).
 */
export interface Space extends VectorSpace {
  readonly space: number;
  readonly state: 'serving' | 'building' | 'retired';
  readonly generation: number;
  readonly mean: Float32Array | undefined;
  readonly meanOf: number;
  /** Sign bits of removed chunks. */
  readonly dead: number;
}

/**
 * Of a chunk that has no vector and will get none from the model that serves, in `embedded`, which is 0 for one that waits
 * for its vector, and 1 for one that has it.
 */
export const leftOut = 2;

/** The vectors of all spaces are in one table, those of a space adjacent: key = space · 2^32 + chunk. */
const keysOfSpace = 2 ** 32;

export function vectorKey(space: number, chunk: number): number {
  return space * keysOfSpace + chunk;
}

function spaceOf(row: Record<string, unknown>): Space {
  const mean = row['mean'] as Uint8Array | null;
  return {
    space: Number(row['space']),
    fingerprint: String(row['fingerprint']),
    dimensions: Number(row['dimensions']),
    state: row['state'] as Space['state'],
    generation: Number(row['generation']),
    mean: mean === null ? undefined : floatsOf(mean),
    meanOf: Number(row['mean_of']),
    dead: Number(row['dead']),
  };
}

export function allSpaces({ db }: Session): Space[] {
  return db.prepare('SELECT * FROM index_spaces ORDER BY space').all().map(spaceOf);
}

export function spaceIn(session: Session, state: 'serving' | 'building'): Space | undefined {
  const row = statement(session, 'SELECT * FROM index_spaces WHERE state = ?').get(state);
  return row && spaceOf(row);
}

export function addSpace(
  { db }: Session,
  { fingerprint, dimensions }: VectorSpace,
  state: 'serving' | 'building',
): Space {
  const row = db
    .prepare('INSERT INTO index_spaces (fingerprint, dimensions, state) VALUES (?, ?, ?) RETURNING *')
    .get(fingerprint, dimensions, state);
  if (!row) throw new Error('the space was not made');
  return spaceOf(row);
}

/** How many chunks have a vector in a space. */
export function vectorsIn({ db }: Session, { space, dead }: Space): number {
  const row = db.prepare('SELECT coalesce(sum(count), 0) AS n FROM index_bits WHERE space = ?').get(space);
  return Number(row?.['n'] ?? 0) - dead;
}

/**
 * The serving space, created if there is none; another model's space without vectors is replaced.
 * @throws HydrogenError `conflict` when it has vectors of another model.
 */
export function adoptSpace(session: Session, wanted: VectorSpace): Space {
  const serving = spaceIn(session, 'serving');
  if (serving?.fingerprint === wanted.fingerprint) return serving;
  if (serving && vectorsIn(session, serving) > 0) {
    throw otherModelServes();
  }
  if (serving) retire(session, serving);
  session.db.prepare('UPDATE index_chunks SET embedded = 0 WHERE embedded = ?').run(leftOut);
  return addSpace(session, wanted, 'serving');
}

/** Takes the space out of service; its vectors are deleted bit by bit. */
export function retire({ db }: Session, { space }: Space): void {
  db.prepare("UPDATE index_spaces SET state = 'retired' WHERE space = ?").run(space);
}
