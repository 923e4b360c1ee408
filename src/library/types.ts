import type { Call } from '../call.ts';
import type { EmbeddingState } from '../embeddings/types.ts';
import type { ChunkPlace, SourceSummary } from '../stores/index/types.ts';

/** A document as the library lists it. `id` is `<source>/<relative path>` and stable. */
export interface DocumentEntry {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly bytes: number;
  readonly lines: number;
  readonly chunks: number;
  /** ISO 8601: when it was last read into the index. */
  readonly indexedAt: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type SearchMode = 'hybrid' | 'semantic' | 'keyword';

export interface SearchRequest {
  /** `"exact words"` must follow one another; `electroly*` stands for every word that begins so. */
  readonly query: string;
  /** Passages. */
  readonly limit: number;
  readonly mode: SearchMode;
  /** Only documents whose id starts with this. */
  readonly within?: string;
  /** Only documents that match: a MongoDB filter over `Selection.filter`'s fields. */
  readonly filter?: Readonly<Record<string, unknown>>;
  /** Only passages whose cosine is at least this; those without a vector are left out. */
  readonly minSimilarity?: number;
  /** Each hit says what its score is made of. */
  readonly explain?: boolean;
  /** Most passages of one document while others have some; 3 unless given. */
  readonly perDocument?: number;
  /** Whether passages that say the same are one hit; they are unless this is false. */
  readonly mergeDuplicates?: boolean;
  /** Longest text of a hit, in characters: what has most to do with the question. Whole unless given. */
  readonly textLength?: number;
}

/** What a score is made of. */
interface ScoreParts {
  /** BM25 of the passage, the best of all passages, and that of one that held all the question's words. */
  readonly bm25: number;
  readonly bestBm25: number;
  readonly fullBm25: number;
  /** Place among the passages by words, from 1; absent where it is not one of the first. */
  readonly wordRank?: number;
  readonly meaningRank?: number;
}

/** One passage and where it stands. */
export interface SearchHit {
  readonly document: string;
  readonly title: string;
  /** The headings above the passage, outermost first. */
  readonly heading: readonly string[];
  /** First and last line in the document, from 1. */
  readonly lines: readonly [number, number];
  /** Page, slide, chapter, or sheet and rows, where the file has such. */
  readonly place?: ChunkPlace;
  readonly text: string;
  /**
   * Hybrid: (2 x BM25 / full BM25)^2 + cosine; keyword: BM25 / best BM25; semantic: the cosine. Only good for
   * order within one answer.
   */
  readonly score: number;
  /** Cosine of question and passage when both are embedded, centred on the collection's mean vector. */
  readonly similarity?: number;
  /** Ids of other documents with a passage that says the same. */
  readonly alsoIn: readonly string[];
  /** Further passages of the document among the candidates; counted at the last one that is shown. */
  readonly more: number;
  readonly parts?: ScoreParts;
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[];
  /** Which parts answered: `hybrid` falls back to `keyword` where there is no model, and says so in `notes`. */
  readonly mode: SearchMode;
  /** One line each, for the reader: no model, a backlog of vectors, a mismatch of fingerprints. */
  readonly notes: readonly string[];
  /** Chunks in the index, and how many of them have a vector. */
  readonly chunks: number;
  readonly embedded: number;
}

export interface Skipped {
  /** Path as the caller may see it: like a document id, `<source>/<relative path>`. */
  readonly path: string;
  readonly reason: string;
}

export interface IngestOptions {
  /**
   * Patterns of the files that are read of folders, such as `*.pdf` and `reports/**`, and of those that are
   * not; what was read earlier and is left out now disappears. Those of the settings unless given. They are
   * kept for the next time that the library is brought up to date.
   */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** After a change of the embedding model: make its vectors beside those that serve, and replace them. */
  readonly reembed?: boolean;
  /** The paths are real and have been checked: one where a link stands now is not there. */
  readonly areReal?: boolean;
}

export interface IngestReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Chunks of the documents that were read in this run. */
  readonly chunks: number;
  /** Chunks that got a vector in this run, and those still without one. */
  readonly embedded: number;
  readonly pending: number;
  readonly skipped: readonly Skipped[];
  readonly notes: readonly string[];
}

export interface InlineDocument {
  /** Becomes the id `inline/<name>`; the same name replaces the document. */
  readonly name: string;
  readonly title?: string;
  readonly text: string;
  readonly type: 'markdown' | 'text' | 'html';
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface RemovedDocument extends DocumentEntry {
  /** Its file is still in a folder that is kept in sync: the next reading brings it back. */
  readonly comesBack: boolean;
}

/** A document that resembles another one, and the passage in which it does most. */
interface SimilarDocument {
  readonly document: string;
  readonly title: string;
  /** Centred cosine of the passage and the mean of the other document's passages. */
  readonly similarity: number;
  readonly heading: readonly string[];
  readonly lines: readonly [number, number];
  readonly place?: ChunkPlace;
}

export interface ReindexReport extends IngestReport {
  /** Vectors that were made for the new index; 0 where the one that served was of the same model. */
  readonly rebuilt: number;
}

/** Part of a document's text: whole lines `from` to `to`, of `total`. */
export interface DocumentText {
  readonly entry: DocumentEntry;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

interface LibraryStatus {
  readonly documents: number;
  readonly chunks: number;
  readonly embedded: number;
  readonly model: {
    readonly name: string;
    readonly state: EmbeddingState;
    /** What happened and what to do, when the state is `missing` or `failed`. */
    readonly detail?: string;
    /** The same at length. */
    readonly advice?: string;
  };
  /** Set when the index holds vectors of another model or documents read by another version: what to do. */
  readonly mismatch?: string;
}

/** What following a source has changed in the library. */
export interface SourceChange {
  /** The path of a folder or file, or the name of a collection source. */
  readonly source: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Files that could not be read, and why. */
  readonly skipped: readonly Skipped[];
}

export interface ResumeOptions {
  /** Read folders again whenever a file in them changes. */
  readonly watch?: boolean;
  /** Is told of every reading that changed something or could not read a file. */
  readonly onChange?: (change: SourceChange) => void;
}

/** Documents in (files, folders, inline text) and passages out. Every method stops with its call. */
export interface Library {
  /** @throws HydrogenError `bad_input` for an empty query, `unavailable` for `semantic` without a model. */
  search(request: SearchRequest, call: Call): Promise<SearchAnswer>;
  /**
   * Reads files and folders into the index; a folder's documents that are gone disappear from it. What is
   * already there unchanged is not read again. Progress counts files, then chunks to embed.
   * Words can be searched as soon as a batch of files is in; vectors follow before this returns, unless
   * the model is missing or another process is making them (`pending`, `notes`). What was read stays when
   * the call is cancelled; the same ingest again does the rest.
   * @param paths absolute or relative to the working directory; may be empty with `reembed`
   * @throws HydrogenError `not_found` for a path that does not exist, `unavailable` for `reembed` without
   * a model.
   */
  ingest(paths: readonly string[], call: Call, options?: IngestOptions): Promise<IngestReport>;
  /** Reads all folders and collections that are sources again, as `ingest` does. */
  refresh(call: Call): Promise<IngestReport>;
  /** Its words can be searched when this returns; its vectors follow in the background. */
  add(document: InlineDocument, call: Call): Promise<DocumentEntry>;
  /** @throws HydrogenError `not_found` with similar ids. */
  remove(id: string, call: Call): Promise<RemovedDocument>;
  /** In order of id, after `after`. */
  list(
    request: { readonly within?: string; readonly after?: string; readonly limit: number },
    call: Call,
  ): Promise<{
    readonly documents: readonly DocumentEntry[];
    readonly total: number;
    readonly more: boolean;
  }>;
  /**
   * Whole lines from line `from` to `to`, or of a page, slide or chapter; as many as fit into `maxBytes` of
   * UTF-8 (at least one).
   * @throws HydrogenError `not_found` with similar ids, `bad_input` for a place that is not there.
   */
  get(
    id: string,
    request: {
      readonly from?: number;
      readonly to?: number;
      readonly page?: number;
      readonly maxBytes: number;
    },
    call: Call,
  ): Promise<DocumentText>;
  /**
   * The documents nearest to one in meaning, best first.
   * @throws HydrogenError `not_found` with similar ids, `unavailable` when it has no vector.
   */
  similar(
    id: string,
    request: { readonly within?: string; readonly limit: number },
    call: Call,
  ): Promise<readonly SimilarDocument[]>;
  sources(call: Call): Promise<readonly SourceSummary[]>;
  /** Absolute paths of the folders that are read again when the library is brought up to date. */
  folders(call: Call): Promise<readonly string[]>;
  /**
   * Removes a source with its documents and returns how many there were.
   * @throws HydrogenError `not_found` with similar names.
   */
  removeSource(name: string, call: Call): Promise<number>;
  /**
   * Reads documents of another version of this program again, and makes vectors of the configured model
   * beside those that serve, which are replaced at the end in one step. What was made stays when the call is
   * cancelled or the process dies; the next one goes on with it.
   * @throws HydrogenError `unavailable` without a model.
   */
  reindex(call: Call): Promise<ReindexReport>;
  status(call: Call): Promise<LibraryStatus>;
  /**
   * From now on, vectors that an earlier process did not come to make are made in the background. The
   * model is only loaded when there are some. Collection sources are followed.
   */
  resume(options?: ResumeOptions): void;
  /**
   * As `resume`, and starts loading the model: the first question will not wait for it.
   * @param options `again`: also where the model crashed before
   */
  warm(options?: { readonly again?: boolean }): void;
  close(): Promise<void>;
}
