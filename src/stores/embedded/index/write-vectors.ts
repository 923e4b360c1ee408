import type { Session } from '../engine/session.ts';
import { appendBits, rewriteBits, type Vector, vectorsOf } from './bit-pages.ts';
import { allSpaces, type Space, vectorKey, vectorsIn } from './spaces.ts';
import { blobOf } from './state.ts';

/** A chunk that was just written, and the hash of the content it is embedded by. */
export interface NewContent {
  readonly chunk: number;
  readonly content: Uint8Array;
}

/** Stores vectors in a space; existing ones stay. */
export function writeVectors(
  session: Session,
  space: Space,
  vectors: readonly Vector[],
  sequence: number,
): number {
  const { db, tick } = session;
  const insert = db.prepare('INSERT OR IGNORE INTO index_vectors (key, vector) VALUES (?, ?)');
  const mark = db.prepare('UPDATE index_chunks SET embedded = 1 WHERE chunk = ?');
  const written = vectors.filter(({ chunk, vector }) => {
    tick();
    const isNew = Number(insert.run(vectorKey(space.space, chunk), blobOf(vector)).changes) > 0;
    if (isNew && space.state === 'serving') mark.run(chunk);
    return isNew;
  });
  appendBits(session, space, written, sequence);
  return written.length;
}

/**
 * Gives new chunks the vectors of chunks with the same content, in every space: a file that was moved, or text that
 * also occurs elsewhere, is not embedded again.
 */
export function reuseVectors(session: Session, chunks: readonly NewContent[], sequence: number): void {
  const { db } = session;
  const spaces = allSpaces(session).filter(({ state }) => state !== 'retired');
  if (spaces.length === 0) return;
  const same = db.prepare('SELECT chunk FROM index_chunks WHERE content = ? AND chunk <> ?');
  for (const space of spaces) {
    const carried = chunks.flatMap(({ chunk, content }): Vector[] => {
      const twins = same.iterate(content, chunk);
      for (const { vector } of vectorsOf(session, space, numbersOf(twins))) return [{ chunk, vector }];
      return [];
    });
    if (carried.length > 0) writeVectors(session, space, carried, sequence);
  }
}

function* numbersOf(rows: Iterable<Record<string, unknown>>): Generator<number> {
  for (const row of rows) yield Number(row['chunk']);
}

/** Deletes the vectors of removed chunks; sign bits are rewritten once half of them belong to such chunks. */
export function removeVectors(session: Session, chunks: readonly number[], sequence: number): void {
  const { db, tick } = session;
  const remove = db.prepare('DELETE FROM index_vectors WHERE key = ?');
  const count = db.prepare('UPDATE index_spaces SET dead = dead + ? WHERE space = ?');
  for (const space of allSpaces(session)) {
    let removed = 0;
    for (const chunk of chunks) {
      tick();
      removed += Number(remove.run(vectorKey(space.space, chunk)).changes);
    }
    if (removed === 0) continue;
    count.run(removed, space.space);
    const dead = space.dead + removed;
    if (dead > minDead && dead > vectorsIn(session, { ...space, dead }))
      rewriteBits(session, space, sequence);
  }
}

/** Fewer are never worth a rewrite. */
const minDead = 1_024;
