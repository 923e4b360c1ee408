import type { FileId } from '../../policy/safe-open.ts';
import type { NewChunk, NewDocument } from '../../stores/index/types.ts';
import type { DocumentType } from './formats.ts';

/** A file by its real path. */
export interface FileContent {
  readonly file: string;
  readonly maxBytes: number;
  /** What lay there when it was looked for. */
  readonly seen?: FileId;
}

/** What the parse process is asked to read. */
export interface ParseRequest {
  readonly id: string;
  /** What the title falls back to: the file's name. */
  readonly name: string;
  readonly type: DocumentType;
  readonly content: FileContent | { readonly text: string };
  /** SHA-256 of what the index has; a file with the same is not parsed. */
  readonly hash?: string;
}

export type ParseReply =
  | {
      readonly document: NewDocument;
      /** What was found out about the file that its owner may want to know. */
      readonly remark?: string;
    }
  | { readonly unchanged: true }
  | {
      readonly skipped: string;
      /** The file could not be read this time; what the index has of it stays. */
      readonly keep: boolean;
    };

/**
 * A long document's reply has the last of its chunks; the others go before, because whoever makes or takes a
 * message holds all of it twice.
 */
export type ParseMessage = { readonly chunks: readonly NewChunk[] } | ParseReply;
