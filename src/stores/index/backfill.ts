import type { Call } from '../../call.ts';
import type { VectorSpace } from './retriever.ts';

/** A chunk that has no vector yet, and the text to embed. */
export interface PendingChunk {
  readonly chunk: number;
  readonly text: string;
}

/** Adds missing vectors, in one process at a time. */
export interface Backfill {
  /** Some chunks without a vector, in an order that samples all documents evenly, and the total number of them. */
  pending(
    limit: number,
    call: Call,
  ): Promise<{ readonly chunks: readonly PendingChunk[]; readonly total: number }>;
  /**
   * Takes or renews the right to make vectors, for at least half a minute; false while another has it.
   * @param owner names a process and its piece of work (`ownerName`); if the owner's process has certainly ended, the
   * right may be taken at once
   */
  claim(owner: string, call: Call): Promise<boolean>;
  release(owner: string, call: Call): Promise<void>;
  /**
   * Stores vectors of chunks that still exist, and of others with the same text. Returns how many.
   * @throws HydrogenError `conflict` when the index holds vectors of another space.
   */
  saveVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    owner: string,
    call: Call,
  ): Promise<number>;

  /**
   * Begins a space alongside the serving one, or continues it; another model's is abandoned. Does nothing for the model
   * that serves.
   */
  build(space: VectorSpace, call: Call): Promise<void>;
  /** Chunks after `after`, in order of number, that have no vector in the space being built. */
  unbuilt(after: number, limit: number, call: Call): Promise<readonly PendingChunk[]>;
  /** Stores vectors in the space being built. Returns how many. */
  buildVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    owner: string,
    call: Call,
  ): Promise<number>;
  /** Puts the built space into service, atomically. */
  switchSpace(space: VectorSpace, call: Call): Promise<void>;
  /** Deletes some vectors of retired spaces; true while there are more. */
  removeRetired(call: Call): Promise<boolean>;
}
