import type { Call } from '../call.ts';
import type { EmbeddingState } from '../embeddings/types.ts';
import type { Absence, ChunkPlace, SourceSummary, TrackedPath } from '../stores/index/types.ts';

export type { Absence } from '../stores/index/types.ts';

/** A document as the library lists it. `id` is `<source>/<relative path>`, and stable. */
export interface DocumentEntry {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly bytes: number;
  readonly lines: number;
  readonly chunks: number;
  /** ISO 8601: when it was last read into the index; absent where others filled it. */
  readonly indexedAt?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A source, with how many of its chunks have a vector. */
interface IndexedSource extends SourceSummary {
  readonly embedded: number;
}

/** A collection that others fill, as far as its server says. */
export interface ElsewhereSummary {
  readonly name: string;
  readonly model: string;
  readonly points?: number;
  /** Why it cannot be searched. */
  readonly problem?: string;
}

/** What is reread of a source, with the patterns that were given for it. */
export interface TrackedPlace extends TrackedPath {
  /** The name of its source; absent while nothing of it has been read. */
  readonly source?: string;
}

export type SearchMode = 'hybrid' | 'semantic' | 'keyword';

export interface SearchRequest {
  /** `"exact words"` must be adjacent; `electroly*` matches any word with that prefix. */
  readonly query: string;
  /** Passages. */
  readonly limit: number;
  readonly mode: SearchMode;
  /** Only documents whose id starts with this. */
  readonly within?: string;
  /** Only documents that match: a MongoDB filter over `Selection.filter`'s fields. */
  readonly filter?: Readonly<Record<string, unknown>>;
  /** Only passages with at least this cosine; those without a vector are left out. */
  readonly minSimilarity?: number;
  /** Include the parts of each score. */
  readonly explain?: boolean;
  /** Maximum passages of one document while others have some; 3 by default. */
  readonly perDocument?: number;
  /** Whether near-duplicate passages are merged into one hit; true by default. */
  readonly mergeDuplicates?: boolean;
  /** Leave out the collections that others fill. */
  readonly isOwnOnly?: boolean;
  /** The caller may see only what the filter lets through: notes say nothing of other documents. */
  readonly isNarrowed?: boolean;
  /** Maximum text of a hit, in characters: its most relevant part. The whole passage by default. */
  readonly textLength?: number;
}

/** The parts of a score. */
interface ScoreParts {
  /** BM25 of the passage and the best of all passages. */
  readonly bm25: number;
  readonly bestBm25: number;
  /** The share of the query that the best passage by words holds, from 0 to 1. */
  readonly held: number;
  /** The best cosine. */
  readonly nearest: number;
  /** Weights of words and of meaning in a hybrid score. */
  readonly weights: { readonly words: number; readonly meaning: number };
  /** Rank in the keyword list, from 1; absent where it is not in the list. */
  readonly wordRank?: number;
  readonly meaningRank?: number;
}

/** One passage and its location. */
export interface SearchHit {
  readonly document: string;
  readonly title: string;
  /** The headings above the passage, outermost first. */
  readonly heading: readonly string[];
  /** First and last line in the document, from 1. */
  readonly lines: readonly [number, number];
  /** Page, slide, chapter, or sheet and rows, where the file has them. */
  readonly place?: ChunkPlace;
  readonly text: string;
  /**
   * Hybrid: words' weight x (BM25 / best BM25)^1.5 + meaning's weight x cosine; keyword: BM25 / best BM25; semantic: the
   * cosine. Only comparable within one answer. Absent for callers who see a part of the library, since it is made of all of it.
   */
  readonly score?: number;
  /** Cosine of query and passage when both are embedded, centred on the collection's mean vector. */
  readonly similarity?: number;
  /** What others wrote with the passage, where it is theirs. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Ids of other documents with a near-duplicate passage. */
  readonly alsoIn: readonly string[];
  /** Further candidates of the document; on its last hit. */
  readonly more: number;
  readonly parts?: ScoreParts;
  /** With `explain`: the language in which its words are stemmed. */
  readonly language?: string;
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[];
  /** The mode used: `hybrid` falls back to `keyword` without a model, and says so in `notes`. */
  readonly mode: SearchMode;
  /** One line each, for the reader: no model, a backlog of vectors, a mismatch of fingerprints. */
  readonly notes: readonly string[];
  /** With `explain`: how the answer came about, one line each. */
  readonly explained?: readonly string[];
  /** That the hits may not be what was asked for. */
  readonly doubt?: string;
  /** It may be better in a moment, though no document changes: the model is not there now, or has passages to do. */
  readonly isProvisional?: boolean;
  /** Chunks in the index, how many of them have a vector, and how many get none, since the model does not know them. */
  readonly chunks: number;
  readonly embedded: number;
  readonly unknown?: number;
}

export interface Skipped {
  /** The path shown to the caller: like a document id, `<source>/<relative path>`. */
  readonly path: string;
  readonly reason: string;
}

export interface IngestOptions {
  /**
   * Patterns of the files of folders to read and to leave out, such as `*.pdf` and `reports/**`; the settings have the
   * defaults. Documents read earlier and left out now are removed. Patterns are remembered for later updates of the
   * library.
   */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** After a change of the embedding model: make its vectors next to the active ones, then switch over. */
  readonly reembed?: boolean;
  /**
   * Takes the folders as they are, even one that holds none of the files that were read from it: otherwise that keeps
   * its documents, as its disk may not be mounted.
   */
  readonly prune?: boolean;
  /** The paths are real and have been checked: one that is a link now counts as missing. */
  readonly areReal?: boolean;
}

export interface IngestReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Chunks of the documents read in this run. */
  readonly chunks: number;
  /** Chunks embedded in this run, and those still without a vector. */
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
  /** Its file is still in a folder that is kept in sync: the next sync brings it back. */
  readonly comesBack: boolean;
}

/** A document similar to another one, and its most similar passage. */
interface SimilarDocument {
  readonly document: string;
  readonly title: string;
  /**
   * Centred cosine of the passage and the mean of the other document's passages; plain, or absent, in a collection that
   * others fill.
   */
  readonly similarity?: number;
  readonly heading: readonly string[];
  readonly lines: readonly [number, number];
  readonly place?: ChunkPlace;
}

export interface ReindexReport extends IngestReport {
  /** Vectors made for the new index; 0 where the active one was of the same model. */
  readonly rebuilt: number;
}

/** The embedding model of the library. */
export interface ModelStatus {
  readonly name: string;
  readonly state: EmbeddingState;
  /** What happened and what to do when the state is `missing` or `failed`. */
  readonly detail?: string;
  /** The same at length. */
  readonly advice?: string;
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
  /** Those that get no vector, since the model does not know their writing. */
  readonly unknown: number;
  readonly model: ModelStatus;
  /** What to do when the index holds vectors of another model or documents read by another version. */
  readonly mismatch?: string;
}

/** A change to the library made by following a source. */
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
  /** Reread folders whenever a file in them changes. */
  readonly watch?: boolean;
  /** Called after every sync that changed something or could not read a file. */
  readonly onChange?: (change: SourceChange) => void;
}

/** Documents in (files, folders, inline text) and passages out. Every method stops when its call does. */
export interface Library {
  /** @throws HydrogenError `bad_input` for an empty query, `unavailable` for `semantic` without a model. */
  search(request: SearchRequest, call: Call): Promise<SearchAnswer>;
  /**
   * Reads files and folders into the index; documents whose files are gone from a folder are removed. Unchanged files
   * are not reread. Progress counts files, then chunks to embed. Words are searchable as soon as a batch of files is
   * indexed; vectors follow before this returns, unless the model is missing or another process is making them
   * (`pending`, `notes`). What was read stays when the call is cancelled; repeating the ingest does the rest.
   * @param paths absolute or relative to the working directory; may be empty with `reembed`
   * @throws HydrogenError `not_found` for a path that does not exist, `unavailable` for `reembed` without a model.
   */
  ingest(paths: readonly string[], call: Call, options?: IngestOptions): Promise<IngestReport>;
  /** Rereads all tracked paths and collection sources, as `ingest` does. */
  refresh(call: Call): Promise<IngestReport>;
  /** Words are searchable when this returns; vectors follow in the background. */
  add(document: InlineDocument, call: Call): Promise<DocumentEntry>;
  /** @throws HydrogenError `not_found` with similar ids. */
  remove(id: string, call: Call): Promise<RemovedDocument>;
  /** In order of id, after `after`. A collection that others fill is listed by itself, within its name. */
  list(
    request: { readonly within?: string; readonly after?: string; readonly limit: number },
    call: Call,
  ): Promise<{
    readonly documents: readonly DocumentEntry[];
    readonly total: number;
    readonly more: boolean;
  }>;
  /**
   * Whole lines from line `from` to `to`, or of a page, slide or chapter; as many as fit into `maxBytes` of UTF-8 (at
   * least one).
   * @throws HydrogenError `not_found` with similar ids, `bad_input` for a range or page that does not exist.
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
    request: {
      readonly within?: string;
      readonly filter?: Readonly<Record<string, unknown>>;
      readonly limit: number;
    },
    call: Call,
  ): Promise<readonly SimilarDocument[]>;
  /** Documents whose reader left something out or had to guess, in order of id; `total` counts all of them. */
  remarked(
    limit: number,
    call: Call,
  ): Promise<{ readonly documents: readonly DocumentEntry[]; readonly total: number }>;
  sources(call: Call): Promise<readonly IndexedSource[]>;
  /** The collections that others fill, which are searched with the library. */
  elsewhere(call: Call): Promise<readonly ElsewhereSummary[]>;
  /** Folders whose documents are kept although the files are not there, as last read or as it is now. */
  absences(call: Call, paths?: readonly string[]): Promise<readonly Absence[]>;
  /** The folders and files that are reread when the library is brought up to date. For the owner: it has their paths. */
  places(call: Call): Promise<readonly TrackedPlace[]>;
  /**
   * Removes a source with its documents and returns how many there were.
   * @throws HydrogenError `not_found` with similar names.
   */
  removeSource(name: string, call: Call): Promise<number>;
  /**
   * Rereads documents of other versions of this program, and makes vectors of the configured model next to the active
   * ones, switching over at the end in one step. Finished work survives cancellation or a crash; the next reindex
   * continues from it.
   * @throws HydrogenError `unavailable` without a model.
   */
  reindex(call: Call): Promise<ReindexReport>;
  status(call: Call): Promise<LibraryStatus>;
  /** Whatever store the passages are in, and whether it answers. */
  model(): ModelStatus;
  /**
   * From now on, makes vectors left over by earlier processes in the background, loading the model only if there are
   * any, and follows collection sources.
   */
  resume(options?: ResumeOptions): void;
  /**
   * As `resume`, and starts loading the model, so that the first query need not wait for it.
   * @param options `again`: even where the model crashed before
   */
  warm(options?: { readonly again?: boolean }): void;
  close(): Promise<void>;
}
