import type { PageNumbers } from '../word/page-numbers.ts';
import type { XmlElement } from '../xml.ts';
import type { OpenNumbering } from './numbering.ts';

/** What of a document is not in its text. */
export interface LeftOutOfOpenDocument {
  pictures: number;
  objects: number;
  media: number;
}

export const nothingLeftOutOfOpenDocument = (): LeftOutOfOpenDocument => ({
  ...{ pictures: 0, objects: 0, media: 0 },
});

/** A document while it is read. */
export interface OpenReading {
  readonly leftOut: LeftOutOfOpenDocument;
  /** Notes with their marks, which follow the text. */
  readonly notes: string[];
  comments: number;
  readonly numbering: OpenNumbering;
  /** Styles of raised text. */
  readonly raised: ReadonlySet<string>;
  /** The lines of objects that are read, such as formulas and charts, by what refers to them. */
  readonly objects: ReadonlyMap<string, readonly string[]>;
  /** What form controls show, by their ids. */
  readonly controls: ReadonlyMap<string, string>;
  /** In headers and footers, which are told without the numbers of pages. */
  readonly pages?: PageNumbers;
}

/** Reads everything in an element as lines: what is in notes, comments and cells. */
export type LinesReader = (parent: XmlElement, reading: OpenReading) => string[];
