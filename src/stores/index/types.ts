import type { Call } from '../../call.ts';
import type {
  ChunkPlace,
  DocumentRow,
  FileRecord,
  KeptPlace,
  NewDocument,
  Source,
} from './document-types.ts';

export type * from './document-types.ts';

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

/** A source and what is in the index of it. */
export interface SourceSummary {
  readonly name: string;
  readonly kind: 'files' | 'collection' | 'inline';
  readonly documents: number;
  readonly chunks: number;
  readonly embedded: number;
  /** When one of its documents was last read, in ms since the epoch. */
  readonly indexedAt: number;
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

/** A chunk that has no vector yet, and the text to embed. */
export interface PendingChunk {
  readonly chunk: number;
  readonly text: string;
}

export interface DocumentSlice {
  readonly row: DocumentRow;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

/** Who works on the list of pending vectors: a process, so that its death is noticed. */
export interface Lease {
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
}

/**
 * Chunk text, keywords and vectors together. Chunks are numbered by the index; a number is never given
 * twice. A method's call stops its work.
 */
export interface SearchIndex {
  /**
   * Adds or replaces documents, all or none. Chunks that stay the same keep their number and vector; a new
   * one takes the vector of a chunk that says the same under the same headings.
   */
  upsert(documents: readonly NewDocument[], call: Call): Promise<void>;
  /** Removes documents by id and returns those that were there. */
  remove(ids: readonly string[], call: Call): Promise<readonly DocumentRow[]>;
  /** Removes a document, and its file from the places that are kept; undefined when there is none. */
  forget(id: string, call: Call): Promise<DocumentRow | undefined>;

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

  /** In order of id, after `after`; `total` counts all of `within`. */
  list(
    request: { readonly within?: string; readonly after?: string; readonly limit: number },
    call: Call,
  ): Promise<{ readonly documents: readonly DocumentRow[]; readonly total: number }>;
  /** Whole lines from `from`, at least one, or undefined when there is no such document. */
  read(id: string, from: number, maxBytes: number, call: Call): Promise<DocumentSlice | undefined>;
  /** First and last line of a page, slide or chapter, and the highest there is; undefined without any. */
  page(
    id: string,
    page: number,
    call: Call,
  ): Promise<{ readonly lines?: readonly [number, number]; readonly last: number } | undefined>;
  /** Ids that resemble one that does not exist. */
  near(id: string, call: Call): Promise<readonly string[]>;

  sources(call: Call): Promise<readonly Source[]>;
  summaries(call: Call): Promise<readonly SourceSummary[]>;
  /** The source with this root, made with a free name like `name` when there is none. */
  source(root: string, name: string, call: Call): Promise<Source>;
  /** Removes a source with its documents and places; how many documents there were, or undefined without one. */
  removeSource(name: string, call: Call): Promise<number | undefined>;
  /** In order of path. */
  places(call: Call): Promise<readonly KeptPlace[]>;
  /** Whether there are other places by now: a glance that costs a millisecond and waits for nothing. */
  hasOtherPlaces(known: readonly KeptPlace[]): boolean;
  /** Adds places, or replaces those with the same path. */
  keepPlaces(places: readonly KeptPlace[], call: Call): Promise<void>;
  /** The files registered under a source. */
  files(source: string, call: Call): Promise<readonly FileRecord[]>;
  /** The files have the content that is registered, with other times or sizes. */
  touch(files: readonly Pick<FileRecord, 'id' | 'modified' | 'size'>[], call: Call): Promise<void>;

  /** Some chunks without a vector, in an order that samples all documents alike, and how many there are. */
  pending(
    limit: number,
    call: Call,
  ): Promise<{ readonly chunks: readonly PendingChunk[]; readonly total: number }>;
  /** Takes or renews the right to work on the pending list; false while another process has it. */
  claim(lease: Lease, call: Call): Promise<boolean>;
  release(lease: Lease, call: Call): Promise<void>;
  /**
   * Stores vectors of chunks that are still there, and of others with the same text. Returns how many.
   * @throws HydrogenError `conflict` when the index holds vectors of another space.
   */
  saveVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    lease: Lease,
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
    lease: Lease,
    call: Call,
  ): Promise<number>;
  /** Lets the built space serve from now on, in one step. */
  switchSpace(space: VectorSpace, call: Call): Promise<void>;
  /** Deletes some vectors of spaces that serve no more; true while there are more. */
  sweep(call: Call): Promise<boolean>;
}
