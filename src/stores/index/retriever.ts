import type { Call } from '../../call.ts';
import type { ChunkPlace, FileRecord, NewDocument } from './document-types.ts';
import type { Language, Tongue } from './languages.ts';

/** Identifies a set of comparable vectors: those of different fingerprints are never mixed. */
export interface VectorSpace {
  readonly fingerprint: string;
  readonly dimensions: number;
}

/** A chunk number and its score: BM25 or cosine. Lists are in order of score, the best first. */
export interface Candidate {
  readonly chunk: number;
  readonly score: number;
}

/** Both scores of a chunk; keywords are 0 when no word matches, and there is no cosine without a vector. */
export interface Scored {
  readonly chunk: number;
  readonly keywords: number;
  readonly cosine?: number;
}

/** What a search looks for. */
export interface Wanted {
  /** The words that are looked up, and how many of the best chunks by words are wanted; 0 for none. */
  readonly words: WordQuery;
  readonly byWords: number;
  /** The words that count towards the scores of all candidates. */
  readonly scoredWords: WordQuery;
  /**
   * The query's vector, which may still be in the making: what needs no vector is looked up meanwhile. Undefined where
   * there is none; the call fails when this does.
   */
  readonly vector: Promise<QueryVector | undefined>;
  /** How many of the nearest are wanted; 0 for none. */
  readonly byMeaning: number;
  readonly selection: Selection;
}

export interface Candidates {
  /** The best by words, with their scores by `Wanted.words`. */
  readonly byWords: readonly Candidate[];
  readonly nearest: readonly Candidate[];
  /** Those of `byWords`, then those of `nearest` that are not among them; empty without a vector. */
  readonly scored: readonly Scored[];
  /**
   * The limit of BM25 for a passage that repeats every word of `scoredWords` again and again: the sum of weight · idf
   * over its `ScoringTerm`s. 0 without a vector.
   */
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

/** Restricts the documents: chunks of any others are never candidates. */
export interface Selection {
  /** Ids that start with this. */
  readonly within?: string;
  /**
   * A MongoDB filter, as Extended JSON text, over a document's properties: `document` (its id), `source`, `path`,
   * `title`, `type`, the dates `modified` and `indexed_at`, and `metadata`, whose fields are also at the top level
   * unless one of these names hides them.
   */
  readonly filter?: string;
}

/** A query as keyword search reads it. */
export interface WordQuery {
  /** Words that score, including those of the phrases. */
  readonly words: string;
  /** Words that must be consecutive, exactly as written except for case and accents. */
  readonly phrases: readonly string[];
  /** Beginnings of words, each scoring as one word. */
  readonly prefixes: readonly string[];
}

/** A query's vector, of length 1, and its space. */
export interface QueryVector {
  readonly values: Float32Array;
  readonly space: VectorSpace;
}

/** A document that resembles another, and its most similar passage. */
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
  /** Those that the model which serves does not know, and gives no vector; not set where there are none. */
  readonly unknown?: number;
  /** Set once there is a vector. */
  readonly space?: VectorSpace;
}

/**
 * Passages with keywords, vectors and the properties for filters. A passage is identified by a number that its engine
 * assigns: an integer from 1 to below 2^53, which never comes to mean another text. Writes may become visible a moment
 * later, and scores may be computed in 32-bit floats. A write need not be all or nothing, but repeating it after a
 * failure completes it.
 */
export interface Retriever {
  /**
   * Adds or replaces the passages of documents. Unchanged ones keep their number and vector; a new one takes the vector
   * of one with the same text under the same headings. Their sources need not be known before.
   */
  upsert(documents: readonly NewDocument[], call: Call): Promise<void>;
  /** Removes the passages of documents; unknown ids are ignored. */
  remove(ids: readonly string[], call: Call): Promise<unknown>;
  /** Removes the passages of all documents of a source, of `inlineSource` too. */
  removeSource(name: string, call: Call): Promise<unknown>;
  /** Notes new times of files whose content is unchanged, for filters; unknown ids are ignored. */
  touch(files: readonly Pick<FileRecord, 'id' | 'modified' | 'size'>[], call: Call): Promise<void>;

  /**
   * The chunks of a selection that may answer a query, with both scores of each: the best by BM25 (`bm25.ts`) that
   * contain every phrase, none when no word is indexed, and the nearest by cosine around the space's mean
   * (`centring.ts`). There are no nearest ones and no cosines when the vector is not in the space that serves.
   *
   * Frequencies and lengths are those of all passages there are, whatever the selection. The embedded index scores by
   * them exactly. One on a server may keep an average length that was true when there were fewer passages, and score a
   * beginning of words that stands for several terms by each of them; it says so where it does.
   * @throws HydrogenError `bad_input` for an invalid filter, or a phrase without an indexed word.
   */
  candidates(wanted: Wanted, call: Call): Promise<Candidates>;
  /** The passages in the requested order, without removed chunks. */
  fetch(chunks: readonly number[], call: Call): Promise<readonly Passage[]>;
  /** The documents nearest to this one, best first; undefined when it has no vector. */
  similar(
    id: string,
    selection: Selection,
    limit: number,
    call: Call,
  ): Promise<readonly Neighbour[] | undefined>;
  stats(call: Call): Promise<IndexStatistics>;
  /** The languages besides English that passages have, by which a query's words are looked up, and those of some chunks. */
  languages(
    chunks: readonly number[],
    call: Call,
  ): Promise<{ readonly all: readonly Language[]; readonly ofChunks: readonly Tongue[] }>;
  /** How many passages of each source have a vector; a source without any may be missing. */
  vectorsBySource(call: Call): Promise<ReadonlyMap<string, number>>;
  /**
   * The number of documents in a selection, and what a filter may use: the names of fields, and the types that documents
   * have, in order.
   */
  selected(
    selection: Selection,
    call: Call,
  ): Promise<{
    readonly documents: number;
    readonly fields: readonly string[];
    readonly types: readonly string[];
  }>;
}
