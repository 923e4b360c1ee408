import { otherModelIsBuilt } from '../../index/space-conflicts.ts';
import type { PendingChunk, VectorSpace } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import type { Vector } from './bit-pages.ts';
import { freezeMean } from './mean.ts';
import { addSpace, allSpaces, retire, type Space, spaceIn, vectorKey } from './spaces.ts';
import { nextSequence } from './state.ts';
import { pendingOf } from './vectors.ts';
import { writeVectors } from './write-vectors.ts';

/** Vectors deleted at a time: the write lock is held for a few ms. */
const sweptAtATime = 5_000;

/** @throws HydrogenError `conflict` when another model's space is now being built. */
function spaceBeingBuilt(session: Session, { fingerprint }: VectorSpace): Space {
  const building = spaceIn(session, 'building');
  if (building?.fingerprint === fingerprint) return building;
  throw otherModelIsBuilt();
}

function isThere({ db }: Session): (chunk: number) => boolean {
  const find = db.prepare('SELECT 1 FROM index_chunks WHERE chunk = ?');
  return (chunk) => find.get(chunk) !== undefined;
}

export const reindexHandlers = {
  build(session: Session, space: VectorSpace): void {
    const building = spaceIn(session, 'building');
    if (building?.fingerprint === space.fingerprint) return;
    if (building) retire(session, building);
    if (spaceIn(session, 'serving')?.fingerprint === space.fingerprint) return;
    nextSequence(session);
    addSpace(session, space, 'building');
  },

  unbuilt(session: Session, after: number, limit: number): PendingChunk[] {
    const building = spaceIn(session, 'building');
    if (!building) return [];
    return session.db
      .prepare(
        `SELECT chunk, title, heading, text FROM index_chunks JOIN index_documents USING (document)
          WHERE chunk > ? AND NOT EXISTS (SELECT 1 FROM index_vectors WHERE key = ? + chunk)
          ORDER BY chunk LIMIT ?`,
      )
      .all(after, vectorKey(building.space, 0), limit)
      .map(pendingOf);
  },

  buildVectors(session: Session, wanted: VectorSpace, vectors: readonly Vector[]): number {
    const space = spaceBeingBuilt(session, wanted);
    const sequence = nextSequence(session);
    const exists = isThere(session);
    const saved = writeVectors(
      session,
      space,
      vectors.filter(({ chunk }) => exists(chunk)),
      sequence,
    );
    freezeMean(session, space, sequence, false);
    return saved;
  },

  switchSpace(session: Session, wanted: VectorSpace): void {
    const { db } = session;
    const built = spaceBeingBuilt(session, wanted);
    const serving = spaceIn(session, 'serving');
    const sequence = nextSequence(session);
    freezeMean(session, built, sequence, true);
    if (serving) retire(session, serving);
    db.prepare("UPDATE index_spaces SET state = 'serving' WHERE space = ?").run(built.space);
    const has = 'EXISTS (SELECT 1 FROM index_vectors WHERE key = ? + chunk)';
    db.prepare(`UPDATE index_chunks SET embedded = ${has} WHERE embedded <> ${has}`).run(
      vectorKey(built.space, 0),
      vectorKey(built.space, 0),
    );
  },

  removeRetired(session: Session): boolean {
    const { db } = session;
    const old = allSpaces(session).find(({ state }) => state === 'retired');
    if (!old) return false;
    const { changes } = db
      .prepare(
        `DELETE FROM index_vectors WHERE key IN
          (SELECT key FROM index_vectors WHERE key BETWEEN ? AND ? LIMIT ?)`,
      )
      .run(vectorKey(old.space, 0), vectorKey(old.space + 1, -1), sweptAtATime);
    if (Number(changes) < sweptAtATime) {
      db.prepare('DELETE FROM index_bits WHERE space = ?').run(old.space);
      db.prepare('DELETE FROM index_spaces WHERE space = ?').run(old.space);
    }
    return true;
  },
};
