import { leftOutRemark } from '../left-out.ts';
import type { Package } from '../office/package.ts';
import { childOf, type XmlElement, xmlValue } from '../xml.ts';
import type { Numbering } from './numbering.ts';
import { undeclaredStyle, type WordStyle } from './styles.ts';

/** What is left out of the text, and counted. */
export type LeftOut =
  | 'pictures'
  | 'objects'
  | 'media'
  | 'symbols'
  | 'hidden'
  | 'parts'
  | 'documents'
  | 'linked';

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
  /** It is a header or footer, whose page numbers are left out. */
  readonly inMargin?: boolean;
  readonly numbering: Numbering;
  styleOf(paragraphProperties: XmlElement | undefined): WordStyle | undefined;
  characterStyleOf(runProperties: XmlElement | undefined): WordStyle | undefined;
  /** @param names of what is left out, which the remark tells */
  count(what: LeftOut, more: number, names?: readonly string[]): void;
  /** The mark of a note in the text. */
  mark(kind: NoteKind, id: string): string;
  readonly marked: readonly NoteReference[];
  readonly leftOut: ReadonlyMap<LeftOut, LeftOutParts>;
  /** Remarks of the readers of what is inserted. */
  readonly told: string[];
}

interface LeftOutParts {
  readonly count: number;
  readonly names: readonly string[];
}

const words: Readonly<Record<LeftOut, readonly [one: string, many: string]>> = {
  pictures: ['picture without a description is not read', 'pictures without a description are not read'],
  objects: ['embedded object is not read', 'embedded objects are not read'],
  media: ['sound or video is not read', 'sounds and videos are not read'],
  symbols: ['symbol of an unknown font is shown as �', 'symbols of unknown fonts are shown as �'],
  hidden: ['piece of hidden text is left out', 'pieces of hidden text are left out'],
  parts: ['part that the document refers to is missing', 'parts that the document refers to are missing'],
  documents: ['inserted document is not read', 'inserted documents are not read'],
  linked: ['document in another file is not read', 'documents in other files are not read'],
};

export const remarksOn = (leftOut: ReadonlyMap<LeftOut, LeftOutParts>): string[] =>
  [...leftOut].flatMap(([what, { count, names }]) => leftOutRemark(count, ...words[what], names));

export function createReading(
  office: Package,
  styles: ReadonlyMap<string, WordStyle>,
  numbering: Numbering,
): WordReading {
  const leftOut = new Map<LeftOut, LeftOutParts>();
  const marked: NoteReference[] = [];
  const known = new Map<string, string>();
  const counts = { note: 0, endnote: 0, comment: 0 };
  const names = { note: '', endnote: 'endnote ', comment: 'comment ' };
  const styleNamed = (name: string, properties: XmlElement | undefined): WordStyle | undefined => {
    const child = childOf(properties, name);
    const id = child && xmlValue(child);
    return id === undefined ? undefined : (styles.get(id) ?? undeclaredStyle(id));
  };
  return {
    ...{ office, numbering, marked, leftOut, told: [] },
    part: office.main,
    styleOf: (properties) => styleNamed('pStyle', properties),
    characterStyleOf: (properties) => styleNamed('rStyle', properties),
    count(what, more, names = []) {
      if (more === 0) return;
      const before = leftOut.get(what) ?? { count: 0, names: [] };
      const named = new Set([...before.names, ...names.filter((name) => name !== '')]);
      leftOut.set(what, { count: before.count + more, names: [...named] });
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
