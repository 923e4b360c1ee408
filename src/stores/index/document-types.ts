// Documents as they come into the index, and as its registry knows them.

/**
 * Where a passage stands in the file it was read from, when that has places of its own besides the lines
 * of its text. Numbers are from 1; `rows` are the first and last row of the sheet.
 */
export type ChunkPlace =
  | { readonly page: number }
  | { readonly slide: number }
  | { readonly chapter: number }
  | { readonly sheet: string; readonly rows: readonly [number, number] };

/** A passage to be indexed. `id` is stable: the same passage of the same document keeps it. */
export interface NewChunk {
  readonly id: string;
  readonly heading: readonly string[];
  /** First and last line in the document's text, from 1. */
  readonly lines: readonly [number, number];
  readonly place?: ChunkPlace;
  readonly text: string;
}

/** The file a document was read from, and what tells whether it has changed. */
interface Origin {
  readonly source: string;
  /** Path below the source's root, with `/`. */
  readonly path: string;
  /** Modification time in ms since the epoch, negated when it cannot be trusted to tell a change; 0 unknown. */
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

/**
 * A folder or file that was asked for, and is kept in sync. Its documents are in the source whose root is the
 * nearest above it.
 */
export interface TrackedPath {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'folder' | 'file';
  /** The patterns that were given for it; without them those of the settings apply. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
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
