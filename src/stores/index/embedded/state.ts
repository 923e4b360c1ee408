import type { Session } from '../../sqlite/operation.ts';

/** The one row of `index_state`; see the schema. */
export interface State {
  readonly sequence: number;
  readonly forgotten: number;
}

export function readState({ db }: Session): State {
  const row = db.prepare('SELECT sequence, forgotten FROM index_state').get();
  if (!row) throw new Error('index_state has no row');
  return row as unknown as State;
}

/** Removals that a cache may still ask for; one that is further behind reads everything anew. */
const remembered = 1_000;

/** The number of this write, which every row it changes carries. */
export function nextSequence(session: Session): number {
  const { db } = session;
  const sequence = readState(session).sequence + 1;
  const forgotten = Math.max(0, sequence - remembered);
  db.prepare('DELETE FROM index_removals WHERE sequence <= ?').run(forgotten);
  db.prepare('UPDATE index_state SET sequence = ?, forgotten = ?').run(sequence, forgotten);
  return sequence;
}

/** The floats of a blob, in memory of their own. */
export function floatsOf(blob: Uint8Array): Float32Array {
  return new Float32Array(blob.slice().buffer);
}

/** The bytes of an array as the file keeps it: 32-bit floats or numbers. */
export function blobOf(vector: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
