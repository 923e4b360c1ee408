import { HydrogenError, reworded } from '../../../errors.ts';
import type { RefusedValue } from './refused-number.ts';

/** A document of a file as BSON, and its place there as its reader counts. */
export interface ReadDocument {
  readonly bson: Uint8Array;
  readonly at: number;
}

/** The type given to a column of a table, and what does not fit it. */
export interface ColumnReport {
  readonly field: string;
  readonly type: string;
  /** Cells that are not empty. */
  readonly filled: number;
  /** For a text column that is mostly another type: that type. */
  readonly mostly?: string;
  /** Cells that are not of the type (or of `mostly`); they stay what they are. */
  readonly odd: number;
  /** The first of these, with its line, or its row in a sheet. */
  readonly example?: { readonly at: number; readonly text: string };
  /** What may be told to read it otherwise. */
  readonly hint?: string;
}

/** Is told of a document that is left out, since it has a value that no document can have. */
export type OnRefused = (value: RefusedValue, at: number) => void;

/** A file that contains documents. It can be read more than once. */
export interface DocumentReader {
  /**
   * @param onRefused without it, a document with a value that none can have is an error, too
   * @throws HydrogenError `bad_input` that names the place of the error.
   */
  read(onRefused?: OnRefused): AsyncIterable<ReadDocument>;
  /** An empty file is an empty collection, rather than none. */
  readonly keepsEmpty?: boolean;
  /** A place in words: "Line 12". */
  place(at: number): string;
  /** True when it has already been read to its end without an error. */
  readonly checked: boolean;
  readonly columns?: readonly ColumnReport[];
  /** What is worth knowing about how it was read. */
  readonly notes?: readonly string[];
  /** What the last `read` that came to its end has met. */
  met?(): readonly string[];
}

/** Maximum size of a BSON document (MongoDB's limit), in bytes. */
export const maxDocumentBytes = 16 * 2 ** 20;

/** The same error, beginning with its place in the file, since that is where the reader must look. */
export function placed(place: string, error: unknown): unknown {
  if (!(error instanceof HydrogenError)) return error;
  // The store speaks of its transaction, but the import goes on to say which documents it stored.
  const message = error.message.replace(' Nothing was changed.', '');
  return reworded(error, `${place}: ${message}`, error);
}
