import type { CollectionIndexes } from '../indexes.ts';

// How the library's documents lie in MongoDB. A document is one row and the parts of its text, which are written before
// the row that names them, so that one atomic write makes the whole of it count. No transaction is needed anywhere.

/** A document without its text. */
export interface CatalogRow {
  /** The document's id. */
  readonly _id: string;
  readonly title: string;
  readonly type: string;
  readonly bytes: number;
  readonly lines: number;
  readonly chunks: number;
  readonly indexedAt: number;
  /** Exact JSON: names and numbers as MongoDB would not keep them. */
  readonly metadata: string;
  readonly hash: string;
  readonly format: string;
  /** null for an inline document. */
  readonly source: string | null;
  readonly path: string | null;
  readonly modified: number;
  readonly size: number;
  /** Names the parts of its text; each writing of a document has its own. */
  readonly version: string;
  /** For each part the line that it begins in, and a half more if that is not the line's beginning. */
  readonly starts: readonly number[];
  /** For each page, slide or chapter its number, first and last line, one after another. */
  readonly pages: readonly number[];
  /** Who last changed the format alone. */
  readonly marked?: string;
}

/** A part of a document's text; its `_id` is `partId`. */
export interface TextPiece {
  readonly _id: string;
  readonly version: string;
  readonly text: string;
}

export const partId = (version: string, part: number): string => `${version}.${part}`;

/** A write under way. One that stays was interrupted, and may have left parts of texts that no document names. */
export interface WriteUnderWay {
  readonly _id: string;
  /** By the server's clock. */
  readonly at: Date;
  readonly documents: readonly string[];
  /** The texts that it makes, and those that it replaces or removes. */
  readonly versions: readonly string[];
}

/** Changes with every write of documents. */
export interface DocumentsState {
  readonly _id: 'documents';
  readonly revision: string;
}

/** The sources and tracked paths: few, and written together, so that they always agree. */
export interface RegistryState {
  readonly _id: 'registry';
  /** Changes with every write. */
  readonly revision: string;
  /** Changes when the tracked paths do. */
  readonly tracked: string;
  readonly sources: readonly { readonly name: string; readonly root: string }[];
  /** Tracked paths as JSON, in order of path. */
  readonly places: readonly string[];
}

export interface LeaseState {
  readonly _id: 'lease';
  readonly owner: string | null;
  /** By the server's clock. */
  readonly until: Date;
}

export interface SourcePosition {
  /** The name of the source. */
  readonly _id: string;
  readonly position: string;
}

export const names = {
  documents: 'library_documents',
  texts: 'library_texts',
  writes: 'library_writes',
  state: 'library_state',
  positions: 'library_positions',
} as const;

export const catalogIndexes: CollectionIndexes = {
  [names.documents]: [
    { key: { source: 1, _id: 1 } },
    // For counts without looking at documents.
    { key: { source: 1, chunks: 1, indexedAt: 1 } },
    { key: { format: 1 } },
  ],
  [names.texts]: [{ key: { version: 1 } }],
};
