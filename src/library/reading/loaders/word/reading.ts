import type { Package } from '../office/package.ts';
import { type XmlElement, xmlAttribute } from '../xml.ts';
import type { Numbering } from './numbering.ts';
import { undeclaredStyle, type WordStyle } from './styles.ts';

/** What is left out of the text, and counted. */
export type LeftOut = 'pictures' | 'objects' | 'symbols' | 'hidden' | 'parts' | 'documents';

export type NoteKind = 'note' | 'endnote' | 'comment';

/** A note that the text refers to, in the order of its mark. */
interface NoteReference {
  readonly kind: NoteKind;
  readonly id: string;
  readonly mark: string;
}

/** What the reading of one Word document has in common. */
export interface WordReading {
  readonly office: Package;
  /** The part that is read, to which relations belong. */
  readonly part: string;
  readonly numbering: Numbering;
  styleOf(paragraphProperties: XmlElement | undefined): WordStyle | undefined;
  count(what: LeftOut, more: number): void;
  /** The mark of a note in the text. */
  mark(kind: NoteKind, id: string): string;
  readonly marked: readonly NoteReference[];
  readonly leftOut: ReadonlyMap<LeftOut, number>;
}

const words: Readonly<Record<LeftOut, readonly [one: string, many: string]>> = {
  pictures: ['1 picture without a description is not read', 'pictures without a description are not read'],
  objects: ['1 embedded object is not read', 'embedded objects are not read'],
  symbols: ['1 symbol of an unknown font is shown as �', 'symbols of unknown fonts are shown as �'],
  hidden: ['1 piece of hidden text is left out', 'pieces of hidden text are left out'],
  parts: ['1 part that the document refers to is missing', 'parts that the document refers to are missing'],
  documents: ['1 inserted document is not read', 'inserted documents are not read'],
};

export const remarksOn = (leftOut: ReadonlyMap<LeftOut, number>): string[] =>
  [...leftOut].map(([what, count]) => {
    const [one, many] = words[what];
    return count === 1 ? one : `${count.toLocaleString('en')} ${many}`;
  });

export function createReading(
  office: Package,
  styles: ReadonlyMap<string, WordStyle>,
  numbering: Numbering,
): WordReading {
  const leftOut = new Map<LeftOut, number>();
  const marked: NoteReference[] = [];
  const known = new Map<string, string>();
  const counts = { note: 0, endnote: 0, comment: 0 };
  const names = { note: '', endnote: 'endnote ', comment: 'comment ' };
  return {
    ...{ office, numbering, marked, leftOut },
    part: office.main,
    styleOf(properties) {
      const child = properties?.children.find(
        (one): one is XmlElement => typeof one !== 'string' && one.name === 'pStyle',
      );
      const id = child && xmlAttribute(child, 'val');
      if (id === undefined) return undefined;
      return styles.get(id) ?? undeclaredStyle(id);
    },
    count(what, more) {
      if (more > 0) leftOut.set(what, (leftOut.get(what) ?? 0) + more);
    },
    mark(kind, id) {
      const key = `${kind} ${id}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const mark = `[${names[kind]}${++counts[kind]}]`;
      known.set(key, mark);
      marked.push({ kind, id, mark });
      return mark;
    },
  };
}
