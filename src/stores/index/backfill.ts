import type { Call } from '../../call.ts';
import type { VectorSpace } from './retriever.ts';

/** A chunk that has no vector yet, and the text to embed. */
export interface PendingChunk {
  readonly chunk: number;
  readonly text: string;
}

/**
 * Adds missing vectors. Vectors lie where the passages are, which need not be a store with transactions. A lease keeps
 * two processes from making the same ones, but no more: a process that slept may have lost it without knowing, and still
 * writes. In whatever order the writes of two arrive, then, vectors of two models never meet in one space, a chunk that
 * has been removed gets none, one that has a vector keeps it, and only a space that is being built is switched to.
 *
 * Its methods see at once what this process has written before, passages included, though a search may see it later:
 * otherwise work would end before it is done, or the same vectors be made again.
 */
export interface Backfill {
  /** Some chunks without a vector, in an order that samples all documents evenly, and the total number of them. */
  pending(
    limit: number,
    call: Call,
  ): Promise<{ readonly chunks: readonly PendingChunk[]; readonly total: number }>;
  /**
   * Stores vectors of chunks that still exist, and of others with the same text. Returns how many.
   * @throws HydrogenError `conflict` when the index holds vectors of another space.
   */
  saveVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    call: Call,
  ): Promise<number>;
  /**
   * Notes that the model of a space does not know these chunks, nor others with the same text: they are not pending for
   * as long as it serves.
   * @throws HydrogenError `conflict` when the index holds vectors of another space.
   */
  leaveOut(space: VectorSpace, chunks: readonly number[], call: Call): Promise<void>;
  /** The fingerprint of the space that serves, as long as it has no vector: its model knew none of the chunks. */
  withoutVectors(call: Call): Promise<string | undefined>;

  /**
   * Begins a space alongside the serving one, or continues it; another model's is abandoned. Does nothing for the model
   * that serves.
   */
  build(space: VectorSpace, call: Call): Promise<void>;
  /** Chunks after `after`, in order of number, that have no vector in the space being built. */
  unbuilt(after: number, limit: number, call: Call): Promise<readonly PendingChunk[]>;
  /**
   * Stores vectors in the space being built. Returns how many.
   * @throws HydrogenError `conflict` when that is another one by now
   */
  buildVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    call: Call,
  ): Promise<number>;
  /**
   * Puts the built space into service, atomically.
   * @throws HydrogenError `conflict` when another one is being built by now
   */
  switchSpace(space: VectorSpace, call: Call): Promise<void>;
  /** Deletes some vectors of retired spaces; true while there are more. */
  removeRetired(call: Call): Promise<boolean>;
}
