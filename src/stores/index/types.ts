import type { Call } from '../../call.ts';

/** What identifies a set of comparable vectors: those of two fingerprints are never mixed. */
export interface VectorSpace {
  readonly fingerprint: string;
  readonly dimensions: number;
}

/** A passage to be indexed. `id` is stable: the same passage of the same document keeps it. */
export interface NewChunk {
  readonly id: string;
  readonly heading: readonly string[];
  /** First and last line in the document's text, from 1. */
  readonly lines: readonly [number, number];
  readonly text: string;
}

/** The file a document was read from, and what tells whether it has changed. */
export interface Origin {
  readonly source: string;
  /** Path below the source's root, with `/`. */
  readonly path: string;
  /** Modification time in ms since the epoch; 0 when it cannot be trusted to tell a change. */
  readonly modified: number;
  readonly size: number;
}

export interface NewDocument {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly bytes: number;
  readonly text: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** SHA-256 of the original bytes, hexadecimal. */
  readonly hash: string;
  /** The version of loaders and chunker that read it. */
  readonly format: string;
  /** Absent for a document that was added inline. */
  readonly origin?: Origin;
  readonly chunks: readonly NewChunk[];
}

/** A registered document without its text. `indexedAt` in ms since the epoch. */
export interface DocumentRow {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly bytes: number;
  readonly lines: number;
  readonly chunks: number;
  readonly indexedAt: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A folder whose documents carry `name/` before their path. `root` never reaches a client. */
export interface Source {
  readonly name: string;
  readonly root: string;
}

/** What the registry knows of a file: enough to tell that it has not changed. */
export interface FileRecord {
  readonly id: string;
  readonly path: string;
  readonly modified: number;
  readonly size: number;
  readonly hash: string;
  readonly format: string;
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

export interface Passage {
  readonly chunk: number;
  readonly id: string;
  readonly document: string;
  readonly title: string;
  readonly heading: readonly string[];
  readonly lines: readonly [number, number];
  readonly text: string;
}

export interface IndexStatistics {
  readonly documents: number;
  readonly chunks: number;
  readonly embedded: number;
  /** Set once there is a vector. */
  readonly space?: VectorSpace;
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
 * twice. `within` limits to documents whose id starts with it. A method's call stops its work.
 */
export interface SearchIndex {
  /** Adds or replaces documents, all or none. Chunks that stay the same keep their number and vector. */
  upsert(documents: readonly NewDocument[], call: Call): Promise<void>;
  /** Removes documents by id and returns those that were there. */
  remove(ids: readonly string[], call: Call): Promise<readonly DocumentRow[]>;

  /** The `limit` best chunks by exact BM25; empty when no word of the query is indexed. */
  keywordCandidates(
    query: string,
    limit: number,
    within: string | undefined,
    call: Call,
  ): Promise<readonly Candidate[]>;
  /** The `limit` nearest chunks by (centred) cosine. Empty when `space` is not the index's. */
  vectorCandidates(
    vector: Float32Array,
    space: VectorSpace,
    limit: number,
    within: string | undefined,
    call: Call,
  ): Promise<readonly Candidate[]>;
  /** Exact scores of the given chunks. Without `vector` there is no cosine. */
  score(
    query: string,
    vector: { readonly values: Float32Array; readonly space: VectorSpace } | undefined,
    chunks: readonly number[],
    call: Call,
  ): Promise<readonly Scored[]>;
  /** The passages in the order asked for; a chunk that has gone is left out. */
  fetch(chunks: readonly number[], call: Call): Promise<readonly Passage[]>;
  stats(call: Call): Promise<IndexStatistics>;

  /** In order of id, after `after`; `total` counts all of `within`. */
  list(
    request: { readonly within?: string; readonly after?: string; readonly limit: number },
    call: Call,
  ): Promise<{ readonly documents: readonly DocumentRow[]; readonly total: number }>;
  /** Whole lines from `from`, at least one, or undefined when there is no such document. */
  read(id: string, from: number, maxBytes: number, call: Call): Promise<DocumentSlice | undefined>;
  /** Ids that resemble one that does not exist. */
  near(id: string, call: Call): Promise<readonly string[]>;

  sources(call: Call): Promise<readonly Source[]>;
  /** The source with this root, made with a free name like `name` when there is none. */
  source(root: string, name: string, call: Call): Promise<Source>;
  /** The files registered under a source. */
  files(source: string, call: Call): Promise<readonly FileRecord[]>;
  /** The files are as registered but for their times. */
  touch(files: readonly { readonly id: string; readonly modified: number }[], call: Call): Promise<void>;

  /** Some chunks without a vector, in an order that samples all documents alike, and how many there are. */
  pending(
    limit: number,
    call: Call,
  ): Promise<{ readonly chunks: readonly PendingChunk[]; readonly total: number }>;
  /** Takes or renews the right to work on the pending list; false while another process has it. */
  claim(lease: Lease, call: Call): Promise<boolean>;
  release(lease: Lease, call: Call): Promise<void>;
  /**
   * Stores vectors of chunks that are still there. Returns how many.
   * @throws HydrogenError `conflict` when the index holds vectors of another space.
   */
  saveVectors(
    space: VectorSpace,
    vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[],
    lease: Lease,
    call: Call,
  ): Promise<number>;
  /** Forgets all vectors, so that those of another model can follow. */
  clearVectors(call: Call): Promise<void>;
}
