import { HydrogenError, reworded } from '../../../errors.ts';

/** A document of a file, as BSON, and its place there as its reader counts. */
export interface ReadDocument {
  readonly bson: Uint8Array;
  readonly at: number;
}

/** The type a column of a CSV file got, and what does not fit it. */
export interface ColumnReport {
  readonly field: string;
  readonly type: string;
  /** Cells that are not empty. */
  readonly filled: number;
  /** Of a text column that is mostly something else: what that is. */
  readonly mostly?: string;
  /** Cells that are not of the type (or of `mostly`); they stay text. */
  readonly odd: number;
  readonly example?: { readonly row: number; readonly text: string };
}

/** A file that gives documents. It can be read more than once. */
export interface DocumentReader {
  /** @throws HydrogenError `bad_input` that names the place of what is wrong. */
  read(): AsyncIterable<ReadDocument>;
  /** A place in words: "Line 12". */
  place(at: number): string;
  /** It has been read to its end already, without an error. */
  readonly checked: boolean;
  readonly columns?: readonly ColumnReport[];
}

/** What BSON documents may measure (MongoDB's limit), bytes. */
export const maxDocumentBytes = 16 * 2 ** 20;

/** The same error with its place in the file, which is what to look at first. */
export function placed(place: string, error: unknown): unknown {
  if (!(error instanceof HydrogenError)) return error;
  // The store speaks of its transaction; the import goes on to say what it kept.
  const message = error.message.replace(' Nothing was changed.', '');
  return reworded(error, `${place}: ${message}`, error);
}
