import type { Call } from '../../call.ts';
import type { VectorSpace } from './retriever.ts';

/** A chunk that has no vector yet, and the text to embed. */
export interface PendingChunk {
  readonly chunk: number;
  readonly text: string;
}

/** Makes up for the vectors that are missing, by one process at a time. */
export interface Backfill {
  /** Some chunks without a vector, in an order that samples all documents alike, and how many there are. */
  pending(
    limit: number,
    call: Call,
  ): Promise<{ readonly chunks: readonly PendingChunk[]; readonly total: number }>;
  /**
   * Takes or renews the right to make vectors, for half a minute at least; false while another has it.
   * @param owner names a process and its piece of work (`ownerName`); of an owner that has certainly ended, the right may be taken at once
   */
  claim(owner: string, call: Call): Promise<boolean>;
  release(owner: string, call: Call): Promise<void>;
  /**
   * Stores vectors of chunks that are still there, and of others with the same text. Returns how many.
   * @throws HydrogenError `conflict` when the index holds vectors of another space.
   */
  saveVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    owner: string,
    call: Call,
  ): Promise<number>;

  /**
   * Begins a space beside the one that serves, or goes on with it; one of another model is given up. Of the
   * model that serves, none is begun.
   */
  build(space: VectorSpace, call: Call): Promise<void>;
  /** Chunks after `after`, in order of number, that have no vector in the space that is being built. */
  unbuilt(after: number, limit: number, call: Call): Promise<readonly PendingChunk[]>;
  /** Stores vectors in the space that is being built. Returns how many. */
  buildVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    owner: string,
    call: Call,
  ): Promise<number>;
  /** Lets the built space serve from now on, in one step. */
  switchSpace(space: VectorSpace, call: Call): Promise<void>;
  /** Deletes some vectors of spaces that serve no more; true while there are more. */
  removeRetired(call: Call): Promise<boolean>;
}
