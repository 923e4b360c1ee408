import { decode, encode } from '../../../mql/index.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';

// The changes in collections that something follows (such as a search index of their documents). A change is recorded
// in the transaction that makes it, so that a follower that continues after its last number misses none.

/** A document that was written or deleted. */
export interface CollectionChange {
  readonly sequence: number;
  /** Its `_id`. */
  readonly id: unknown;
  readonly removed: boolean;
}

const followed = new WeakMap<Session, Map<number, boolean>>();

/** Whether changes of the collection are recorded. */
export function isFollowed(session: Session, collection: number): boolean {
  const known = followed.get(session) ?? new Map<number, boolean>();
  followed.set(session, known);
  let answer = known.get(collection);
  if (answer === undefined) {
    const row = statement(session, 'SELECT followed FROM collections WHERE id = ?').get(collection);
    answer = row?.['followed'] === 1;
    known.set(collection, answer);
  }
  return answer;
}

/** Records a change of one document if the collection is followed. */
export function noteChange(session: Session, collection: number, id: unknown, removed: boolean): void {
  if (!isFollowed(session, collection)) return;
  statement(session, 'INSERT INTO collection_changes (collection, id, removed) VALUES (?, ?, ?)').run(
    collection,
    encode({ id }),
    removed ? 1 : 0,
  );
}

/** Records the deletion of every document of a collection if it is followed. */
export function noteAllRemoved(session: Session, collection: number): void {
  if (!isFollowed(session, collection)) return;
  const all = session.db.prepare('SELECT bson FROM documents WHERE collection = ?').iterate(collection);
  for (const { bson } of all) {
    session.tick();
    noteChange(session, collection, decode(bson as Uint8Array)['_id'], true);
  }
}

function lastSequence(session: Session): number {
  const row = statement(session, "SELECT seq FROM sqlite_sequence WHERE name = 'collection_changes'").get();
  return Number(row?.['seq'] ?? 0);
}

/**
 * Starts recording changes of the collection. Returns the number to continue from: current documents are not among the
 * changes after it.
 */
export function follow(session: Session, collection: number): number {
  statement(session, 'UPDATE collections SET followed = 1 WHERE id = ?').run(collection);
  followed.delete(session);
  return lastSequence(session);
}

/** Stops recording changes and deletes the recorded ones. */
export function unfollow(session: Session, collection: number): void {
  statement(session, 'UPDATE collections SET followed = 0 WHERE id = ?').run(collection);
  statement(session, 'DELETE FROM collection_changes WHERE collection = ?').run(collection);
  followed.delete(session);
}

/** Up to `limit` changes after a number, in order; a document may appear more than once. */
export function changesAfter(
  session: Session,
  collection: number,
  sequence: number,
  limit: number,
): CollectionChange[] {
  const rows = statement(
    session,
    'SELECT sequence, id, removed FROM collection_changes WHERE collection = ? AND sequence > ? ORDER BY sequence LIMIT ?',
  ).all(collection, sequence, limit);
  return rows.map((row) => ({
    sequence: Number(row['sequence']),
    id: decode(row['id'] as Uint8Array)['id'],
    removed: row['removed'] === 1,
  }));
}

/** Deletes the changes up to a number, which its follower has read. */
export function forgetChanges(session: Session, collection: number, upTo: number): void {
  statement(session, 'DELETE FROM collection_changes WHERE collection = ? AND sequence <= ?').run(
    collection,
    upTo,
  );
}
