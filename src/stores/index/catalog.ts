import type { Call } from '../../call.ts';
import type {
  DocumentRow,
  FileRecord,
  NewDocument,
  Source,
  TrackedPath,
  TrackedState,
} from './document-types.ts';

/** A source, and how much of it is in the catalog. */
export interface SourceSummary {
  readonly name: string;
  readonly kind: 'files' | 'collection' | 'inline';
  readonly documents: number;
  readonly chunks: number;
  /** When one of its documents was last read, in ms since the epoch. */
  readonly indexedAt: number;
}

export interface DocumentSlice {
  readonly row: DocumentRow;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

/**
 * The library's documents, their text, and their sources. A document is written and removed as a whole, with its text;
 * nobody sees half of one. A call that is about several is all or nothing where the store is a single file with
 * transactions. Elsewhere, when it is interrupted, it may have been done for some of them: repeating it completes it.
 * What is wrong with a document is found before any is written.
 *
 * The library writes only here: a store that is the retriever too writes the passages in the same transaction, and one
 * that is not is joined to a retriever by `withPassagesIn`.
 *
 * The roots of sources and the tracked paths are absolute paths of a machine. Where several machines share a catalog,
 * each that reads files must have the same folders at the same paths; one that lacks a folder keeps its documents, but
 * one that has another folder there would take the files of the first for deleted.
 */
export interface Catalog {
  /** Adds or replaces documents. */
  upsert(documents: readonly NewDocument[], call: Call): Promise<void>;
  /** Removes documents by id and returns those that existed. */
  remove(ids: readonly string[], call: Call): Promise<readonly DocumentRow[]>;
  /** Removes a document, and stops tracking its file; undefined when there is no such document. */
  forget(id: string, call: Call): Promise<DocumentRow | undefined>;

  /** In order of id, after `after`; `total` counts all of `within`. */
  list(
    request: { readonly within?: string; readonly after?: string; readonly limit: number },
    call: Call,
  ): Promise<{ readonly documents: readonly DocumentRow[]; readonly total: number }>;
  /** Documents that have remarks (`remarksOf`), in order of id; `total` counts all of them. Looks at every document. */
  remarked(
    limit: number,
    call: Call,
  ): Promise<{ readonly documents: readonly DocumentRow[]; readonly total: number }>;
  /** Whole lines from `from`, at least one; undefined when there is no such document. */
  read(id: string, from: number, maxBytes: number, call: Call): Promise<DocumentSlice | undefined>;
  /** First and last line of a page, slide or chapter, and the highest number there is; undefined if there are none. */
  page(
    id: string,
    page: number,
    call: Call,
  ): Promise<{ readonly lines?: readonly [number, number]; readonly last: number } | undefined>;
  /** Ids that resemble one that does not exist. */
  similarIds(id: string, call: Call): Promise<readonly string[]>;

  sources(call: Call): Promise<readonly Source[]>;
  summaries(call: Call): Promise<readonly SourceSummary[]>;
  /** The source with this root; if there is none, it is created with a free name like `name`. */
  source(root: string, name: string, call: Call): Promise<Source>;
  /**
   * Removes a source with its documents and tracked paths; returns the number of documents, or undefined if there is no
   * such source.
   */
  removeSource(name: string, call: Call): Promise<number | undefined>;
  /** In order of path. */
  trackedPaths(call: Call): Promise<readonly TrackedPath[]>;
  /** Whether the tracked paths have changed. Checked every few seconds, so it must cost next to nothing. */
  hasOtherTrackedPaths(known: readonly TrackedPath[], call: Call): Promise<boolean>;
  /** Adds tracked paths, or replaces those with the same path. */
  trackPaths(places: readonly TrackedPath[], call: Call): Promise<void>;
  /** Remembers how tracked paths were found, by path; nothing of those that are no longer tracked. */
  saveStates(states: ReadonlyMap<string, TrackedState>, call: Call): Promise<void>;
  /** The number of documents of each `format`. */
  formats(call: Call): Promise<Readonly<Record<string, number>>>;
  /** The files registered under a source. */
  files(source: string, call: Call): Promise<readonly FileRecord[]>;
  /** Records new times or sizes for files whose content is unchanged. */
  touch(files: readonly Pick<FileRecord, 'id' | 'modified' | 'size'>[], call: Call): Promise<void>;
  /**
   * Completes removals that were interrupted between a document and its passages, and returns the ids of documents at
   * whose writing that happened: they have to be read again.
   */
  unfinished(call: Call): Promise<readonly string[]>;
}

/**
 * A catalog of documents alone, and what `withPassagesIn` needs of it: while the passages of a document are written
 * elsewhere, its format says so.
 */
export interface DocumentCatalog extends Catalog {
  /** Records the format `to` for documents, of those alone that have `from` now if it is given; returns their ids. */
  mark(
    ids: readonly string[],
    format: { readonly to: string; readonly from?: string },
    call: Call,
  ): Promise<readonly string[]>;
  /** The formats that documents are recorded with, by id. */
  formatsOf(ids: readonly string[], call: Call): Promise<ReadonlyMap<string, string>>;
  /** The ids of the documents that are recorded with this format. */
  marked(format: string, call: Call): Promise<readonly string[]>;
  /** Removes documents, of those alone that are recorded with this format. */
  removeMarked(ids: readonly string[], format: string, call: Call): Promise<readonly DocumentRow[]>;
  /** Stops tracking a document's file, if it was tracked by itself. */
  untrack(id: string, call: Call): Promise<void>;
}
