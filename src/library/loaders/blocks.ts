/** A run of lines under one heading that reads as a unit: a paragraph, a list, a table, a record. */
export interface Block {
  readonly heading: readonly string[];
  /** First and last line in the document's text, from 1. */
  readonly lines: readonly [number, number];
  readonly text: string;
  /** Repeated above every part when the block has to be divided: the header of a table. */
  readonly header?: string;
  /** Lines are units that sentences do not cross: rows of a table, code. */
  readonly rows?: true;
}

/** What a loader makes of a file. `text` has `\n` line endings and is what `get` shows. */
export interface LoadedDocument {
  readonly title: string;
  readonly text: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
}

/** `name` is what the title falls back to. */
export type Loader = (text: string, name: string) => LoadedDocument;
