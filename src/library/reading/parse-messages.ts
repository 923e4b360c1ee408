import type { FileId } from '../../policy/safe-open.ts';
import type { NewChunk, NewDocument } from '../../stores/index/types.ts';
import type { DocumentType } from './formats.ts';

/** A file, by its real path. */
export interface FileContent {
  readonly file: string;
  readonly maxBytes: number;
  /** The file that was found there by the survey. */
  readonly seen?: FileId;
}

/** A request to the parse process. */
export interface ParseRequest {
  readonly id: string;
  /** The file's name: the fallback title. */
  readonly name: string;
  /** As its name has it; without one, its content tells. */
  readonly type?: DocumentType;
  readonly content: FileContent | { readonly text: string };
  /** SHA-256 of the indexed content; a file with the same hash is not parsed. */
  readonly hash?: string;
  /** Rows of numbers beyond which a table is summed up; 0 for no limit. */
  readonly maxNumericRows?: number;
}

export type ParseReply =
  | {
      readonly document: NewDocument;
    }
  | { readonly unchanged: true }
  | {
      readonly skipped: string;
      /** The file could not be read this time; its indexed document stays. */
      readonly keep: boolean;
    };

/**
 * The reply for a long document carries its last chunks; the others are sent ahead, since both ends hold two copies of
 * each message.
 */
export type ParseMessage = { readonly chunks: readonly NewChunk[] } | ParseReply;
