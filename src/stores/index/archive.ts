import type { Call } from '../../call.ts';
import type { NewChunk, NewDocument } from './document-types.ts';
import type { VectorSpace } from './retriever.ts';

// What takes a library out of one store and into another, as it is. Documents go in through the `Catalog`, like all
// others; this is the rest.

export interface ArchivedChunk extends NewChunk {
  /** As the model made it, in the space that serves. */
  readonly vector?: Float32Array;
}

/** A document with all that the stores keep of it. */
export interface ArchivedDocument extends NewDocument {
  readonly indexedAt: number;
  readonly chunks: readonly ArchivedChunk[];
  /** How many chunks it has by its record; there are others where its writing was interrupted. */
  readonly recorded: number;
}

/** A space with the mean that its vectors are compared around: with another, scores would be others. */
export interface ArchivedSpace extends VectorSpace {
  readonly mean?: Float32Array;
  /** Of how many vectors the mean is. */
  readonly meanOf: number;
}

/** A vector for all passages with this content (`contentOf`, hexadecimal). */
export interface ArchivedVector {
  readonly content: string;
  readonly vector: Float32Array;
}

/** The vectors that go with the passages. */
interface VectorArchive {
  /** The space that serves. */
  space(call: Call): Promise<ArchivedSpace | undefined>;
  /**
   * Makes the space serve where there is none, or only one without vectors; one with the same fingerprint keeps its mean.
   * @returns whether vectors of it may be added
   */
  adopt(space: ArchivedSpace, call: Call): Promise<boolean>;
  /** Gives vectors of the space that serves to passages that have none. */
  saveVectors(vectors: readonly ArchivedVector[], call: Call): Promise<void>;
  /** All has been written: what depends on all passages is brought up to date. */
  settle(call: Call): Promise<void>;
}

/** A whole library. */
export interface LibraryArchive extends VectorArchive {
  /** Those of the documents that there are, in any order. */
  documents(ids: readonly string[], call: Call): Promise<readonly ArchivedDocument[]>;
}

/** The part of a catalog whose passages are elsewhere. */
export interface DocumentArchive {
  documents(ids: readonly string[], call: Call): Promise<readonly Omit<ArchivedDocument, 'chunks'>[]>;
}

/** The part of a retriever whose documents are elsewhere. */
export interface PassageArchive extends VectorArchive {
  /** By document. */
  passages(ids: readonly string[], call: Call): Promise<ReadonlyMap<string, readonly ArchivedChunk[]>>;
}
