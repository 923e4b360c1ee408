import type { Call } from '../../call.ts';
import type { ChunkPlace, NewDocument } from './document-types.ts';

/** What identifies a set of comparable vectors: those of two fingerprints are never mixed. */
export interface VectorSpace {
  readonly fingerprint: string;
  readonly dimensions: number;
}

/** A chunk by number, and its score: BM25 or cosine. */
export interface Candidate {
  readonly chunk: number;
  readonly score: number;
}

/** Both exact scores of a chunk; 0 keywords when no word matches, no cosine without a vector. */
export interface Scored {
  readonly chunk: number;
  readonly keywords: number;
  readonly cosine?: number;
}

export interface Scores {
  readonly scored: readonly Scored[];
  readonly nearest: readonly Candidate[];
  /** The BM25 that a passage would come near to if it held every word of the question again and again. */
  readonly fullKeywords: number;
}

export interface Passage {
  readonly chunk: number;
  readonly id: string;
  readonly document: string;
  readonly title: string;
  readonly heading: readonly string[];
  readonly lines: readonly [number, number];
  readonly place?: ChunkPlace;
  readonly text: string;
}

/** Which documents are looked at; a chunk of any other one is in no list of candidates. */
export interface Selection {
  /** Ids that start with this. */
  readonly within?: string;
  /**
   * A MongoDB filter, as Extended JSON text, over what is known of a document: `document` (its id),
   * `source`, `path`, `title`, `type`, the dates `modified` and `indexed_at`, and `metadata`, whose fields
   * also stand at the top where none of these names hides them.
   */
  readonly filter?: string;
}

/** A question as the keyword part reads it. */
export interface WordQuery {
  /** Words that score, those of the phrases too. */
  readonly words: string;
  /** Words that must follow one another, as they are written but for case and accents. */
  readonly phrases: readonly string[];
  /** Beginnings of words that score as one word each. */
  readonly prefixes: readonly string[];
}

/** A question's vector, of length 1, and the space it is of. */
export interface QueryVector {
  readonly values: Float32Array;
  readonly space: VectorSpace;
}

/** A document that resembles another, and its passage that does most. */
export interface Neighbour {
  readonly chunk: number;
  readonly document: string;
  readonly title: string;
  /** Centred cosine of the passage and the mean of the other document's passages. */
  readonly cosine: number;
}

export interface IndexStatistics {
  readonly documents: number;
  readonly chunks: number;
  readonly embedded: number;
  /** Set once there is a vector. */
  readonly space?: VectorSpace;
  /** The space that is being built beside it. */
  readonly building?: VectorSpace & { readonly embedded: number };
  /** How many documents there are of each `format`. */
  readonly formats: Readonly<Record<string, number>>;
}

/**
 * Passages with keywords, vectors and what filters ask for. A passage is known by a number of its engine's: whole, at
 * least 1 and below 2^53, and never given twice. What was written may be visible a moment later, and scores may be
 * computed in floats of 32 bits.
 */
export interface Retriever {
  /**
   * Adds or replaces the passages of documents. Those that stay the same keep their number and vector; a new one takes
   * the vector of one that says the same under the same headings. After a failure the same call makes it whole.
   */
  upsert(documents: readonly NewDocument[], call: Call): Promise<void>;
  /** Removes the passages of documents; those that are not there do no harm. */
  remove(ids: readonly string[], call: Call): Promise<unknown>;

  /**
   * The `limit` best chunks by exact BM25 that hold every phrase; empty when no word of the query is
   * indexed.
   * @throws HydrogenError `bad_input` for a filter that is not valid, or a phrase without an indexed word.
   */
  keywordCandidates(
    query: WordQuery,
    selection: Selection,
    limit: number,
    call: Call,
  ): Promise<readonly Candidate[]>;
  /**
   * Exact scores of the given chunks, and of the nearest ones by (centred) cosine, the nearest first. None is near
   * when the vector is not of the index's space.
   */
  score(
    question: {
      readonly query: WordQuery;
      readonly vector: QueryVector;
      readonly chunks: readonly number[];
      /** Without it only the given chunks are scored. */
      readonly nearest?: { readonly selection: Selection; readonly limit: number };
    },
    call: Call,
  ): Promise<Scores>;
  /** The passages in the order asked for; a chunk that has gone is left out. */
  fetch(chunks: readonly number[], call: Call): Promise<readonly Passage[]>;
  /** The documents nearest to one, best first, or undefined when it has no vector. */
  similar(
    id: string,
    selection: Selection,
    limit: number,
    call: Call,
  ): Promise<readonly Neighbour[] | undefined>;
  stats(call: Call): Promise<IndexStatistics>;
  /** How many documents a selection keeps, and the names of fields that a filter may ask for. */
  selected(
    selection: Selection,
    call: Call,
  ): Promise<{ readonly documents: number; readonly fields: readonly string[] }>;
}
