// Documents as they enter the index, and as its registry knows them.

import type { Tongue } from './languages.ts';

/**
 * Where a passage is in the file it was read from, if that has places other than the lines of its text. Numbers start
 * at 1; `rows` are the first and last row of the sheet.
 */
export type ChunkPlace =
  | { readonly page: number }
  | { readonly slide: number }
  | { readonly chapter: number }
  | { readonly sheet: string; readonly rows: readonly [number, number] };

/** A passage to be indexed. `id` is stable: the same passage of the same document always has the same. */
export interface NewChunk {
  readonly id: string;
  readonly heading: readonly string[];
  /** First and last line in the document's text, from 1. */
  readonly lines: readonly [number, number];
  readonly place?: ChunkPlace;
  readonly text: string;
}

/** The file a document was read from, and how to tell whether it has changed. */
interface Origin {
  readonly source: string;
  /** Path below the source's root, with `/`. */
  readonly path: string;
  /** Modification time in ms since the epoch, negated when it is not a reliable sign of change; 0 if unknown. */
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
  /** The version of the loaders and chunker that read it. */
  readonly format: string;
  /** Absent for a document that was added inline. */
  readonly origin?: Origin;
  /** When it was read, in ms since the epoch; absent for one that is read now. */
  readonly indexedAt?: number;
  readonly chunks: readonly NewChunk[];
  /** The only languages that its passages may be in; all unless given. */
  readonly languages?: readonly Tongue[];
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

/** A folder whose documents have ids that begin with `name/`. `root` never reaches a client. */
export interface Source {
  readonly name: string;
  readonly root: string;
}

/** A requested folder or file that is kept in sync. Its documents are in the source with the nearest root above it. */
export interface TrackedPath {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'folder' | 'file';
  /** The patterns requested for it; without them those of the settings apply. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** How it was found when it was last read. */
  readonly seen?: TrackedState;
}

/** What tells a tracked path that was emptied from one whose disk is not mounted. */
export interface TrackedState {
  /** Device and inode of the folder, or of the folder of a file. */
  readonly identity?: string;
  /** Absolute paths of the mount points below it that held documents. */
  readonly mounts?: readonly string[];
  readonly absences?: readonly Absence[];
}

/** Documents that are kept although the folder that they were read from does not hold them now. */
export interface Absence {
  readonly why: 'missing' | 'linked' | 'file' | 'empty' | 'replaced' | 'unmounted' | 'unreadable';
  /** How the ids of the documents begin. */
  readonly prefix: string;
  readonly documents: number;
  /** ISO 8601; absent where it was found just now. */
  readonly since?: string;
}

/** What the registry records about a file: enough to tell that it has not changed. */
export interface FileRecord {
  readonly id: string;
  readonly path: string;
  readonly modified: number;
  readonly size: number;
  readonly hash: string;
  readonly format: string;
}
