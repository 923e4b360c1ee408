import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';

/** The one row of `index_state` (`migrations/001-tables.ts`). */
export interface State {
  readonly sequence: number;
  readonly forgotten: number;
}

export function readState(session: Session): State {
  const row = statement(session, 'SELECT sequence, forgotten FROM index_state').get();
  if (!row) throw new Error('index_state has no row');
  return row as unknown as State;
}

/** Removals that caches can still catch up on; one that is further behind rereads everything. */
const maxRemovals = 1_000;

/** The number of this write, recorded in every row it changes. */
export function nextSequence(session: Session): number {
  const { db } = session;
  const sequence = readState(session).sequence + 1;
  const forgotten = Math.max(0, sequence - maxRemovals);
  db.prepare('DELETE FROM index_removals WHERE sequence <= ?').run(forgotten);
  db.prepare('UPDATE index_state SET sequence = ?, forgotten = ?').run(sequence, forgotten);
  return sequence;
}

/** The floats of a blob; without copying if they are aligned, as SQLite's are. */
export function floatsOf(blob: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = blob.byteOffset % 4 === 0 ? blob : blob.slice();
  return new Float32Array(buffer as ArrayBuffer, byteOffset, byteLength / 4);
}

/** The bytes of an array as stored in the file: 32-bit floats or numbers. */
export function blobOf(vector: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
