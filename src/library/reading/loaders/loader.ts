import type { ChunkPlace } from '../../../stores/index/types.ts';

/** A run of lines under one heading that reads as a unit: a paragraph, a list, a table, a record. */
export interface Block {
  readonly heading: readonly string[];
  /** First and last line in the document's text, from 1. */
  readonly lines: readonly [number, number];
  /** Blocks of different places never share a passage. */
  readonly place?: ChunkPlace;
  readonly text: string;
  /** A table header, repeated above every part when the block has to be split. */
  readonly header?: string;
  /** Each line is a unit that sentences do not cross: table rows, code. */
  readonly rows?: true;
}

/** A loader's result. `text` has `\n` line endings and is what `get` shows. */
export interface LoadedDocument {
  readonly title: string;
  readonly text: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  /** What of the file is not in the text, one reason each, as "2 pages hold no text: 3, 5". */
  readonly remarks?: readonly string[];
}

/**
 * Turns a file's text into a document. `name` is the fallback title.
 * @throws Unreadable with the reason
 */
export type TextLoader = (text: string, name: string) => LoadedDocument;

/**
 * Reads a file inside of another one; undefined for one that no loader reads.
 * @throws Unreadable with the reason
 */
export type NestedReader = (bytes: Uint8Array, name: string) => Promise<LoadedDocument | undefined>;

/** As `TextLoader`, for the bytes of a binary format. */
export type BytesLoader = (bytes: Uint8Array, name: string, nested?: NestedReader) => Promise<LoadedDocument>;

/** A file that a loader cannot read; the message is the reason it is skipped. */
export class Unreadable extends Error {}

/** Every passage carries its headings: of a longer one the beginning, characters. */
export const maxHeading = 2_000;

/** Maximum text of a document, in characters: what the parser, the store and a person can still handle. */
export const maxText = 10_000_000;

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** @param length characters or bytes of text, when it is known */
export function tooMuchText(length?: number): string {
  const found = length === undefined ? 'more than' : `${megabytes(length)}; the limit is`;
  return `too much text for one document (${found} ${megabytes(maxText)}): split the file`;
}
