import { tidy } from '../../../../tidy.ts';
import { childrenOf, firstOf, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import { commentMark, countOf, lineOf, shapes } from './inline.ts';
import type { OpenList } from './numbering.ts';
import type { OpenReading } from './reading.ts';
import { rowsOf } from './table.ts';

/** What a document consists of: headings, paragraphs, tables. */
export type OpenPiece =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly lines: readonly string[] }
  | { readonly kind: 'table'; readonly lines: readonly string[] };

/** Where content stands: the list that it is in, and what stands before its first paragraph. */
interface Place {
  readonly list: OpenList | undefined;
  label: string;
}

type Pieces = Generator<OpenPiece, void, undefined>;
type PieceReader = (element: XmlElement, reading: OpenReading, place: Place) => Pieces;

/** What is no text of the document: what was deleted, what only repeats it, what programs need. */
const skipped: ReadonlySet<string> = new Set(
  (
    'tracked-changes table-of-content alphabetical-index illustration-index table-index object-index user-index ' +
    'bibliography-source forms event-listeners sequence-decls variable-decls user-field-decls dde-connection-decls ' +
    'alphabetical-index-auto-mark-file enhanced-geometry title desc binary-data creator date date-string ' +
    'sender-initials creator-initials scripts page-thumbnail number'
  ).split(' '),
);

function* paragraph(element: XmlElement, reading: OpenReading, place: Place): Pieces {
  const { text, boxes } = lineOf(element, reading, linesIn);
  const isHeading = element.name === 'h' && text !== '';
  if (isHeading) {
    const level = countOf(element, 'outline-level');
    const number = place.list
      ? place.label.replace(/^- $/, '')
      : reading.numbering.headingLabel(element, level);
    yield { kind: 'heading', level, text: `${number}${text}` };
  } else if (text !== '') {
    const indent = '  '.repeat(Math.max(0, (place.list?.level ?? 0) - 1));
    yield { kind: 'paragraph', lines: [`${indent}${place.label}${text}`] };
  }
  // A paragraph that only holds a picture leaves its number to that.
  if (text !== '') place.label = '';
  for (const box of boxes) yield* piecesOf(box, reading, place);
}

function* list(element: XmlElement, reading: OpenReading, place: Place): Pieces {
  const opened = reading.numbering.open(element, place.list);
  for (const item of childrenOf(element)) {
    if (item.name !== 'list-item' && item.name !== 'list-header') continue;
    const label = item.name === 'list-item' ? reading.numbering.itemLabel(item, opened) : '';
    yield* content(item, reading, { list: opened, label });
  }
}

function* numberedParagraph(element: XmlElement, reading: OpenReading, place: Place): Pieces {
  const label = reading.numbering.paragraphLabel(element);
  const level = countOf(element, 'level');
  yield* content(element, reading, {
    list: { style: undefined, styleName: '', counts: [], ...place.list, level },
    label,
  });
}

function* table(element: XmlElement, reading: OpenReading): Pieces {
  yield { kind: 'table', lines: rowsOf(element, (cell) => linesIn(cell, reading)) };
}

/** What describes a picture or drawing. */
const descriptionOf = (element: XmlElement): string =>
  ['title', 'desc']
    .map((name) => childrenOf(element).find((child) => child.name === name))
    .map((one) => (one ? tidy(textIn(one)) : ''))
    .filter(Boolean)
    .join(': ');

function* frame(element: XmlElement, reading: OpenReading): Pieces {
  const { leftOut } = reading;
  const place: Place = { list: undefined, label: '' };
  let isPicture = firstOf(element, 'image') !== undefined;
  for (const child of childrenOf(element)) {
    if (child.name === 'text-box' || child.name === 'table') {
      isPicture = false;
      yield* piecesOf(child, reading, place);
    } else if (child.name === 'object') {
      isPicture = false;
      const formula = firstOf(child, 'math');
      const lines = formula
        ? [tidy(textIn(formula))]
        : reading.objects.get(xmlAttribute(child, 'href') ?? '');
      if (lines && lines.length > 0) yield { kind: 'paragraph', lines };
      else leftOut.objects++;
    } else if (/^(object-ole|applet|floating-frame)$/.test(child.name)) {
      isPicture = false;
      leftOut.objects++;
    } else if (child.name === 'plugin') {
      isPicture = false;
      leftOut.media++;
    }
  }
  const description = descriptionOf(element);
  if (description !== '') yield { kind: 'paragraph', lines: [`[${description}]`] };
  else if (isPicture) leftOut.pictures++;
}

function* shape(element: XmlElement, reading: OpenReading, place: Place): Pieces {
  yield* content(element, reading, place);
  const description = descriptionOf(element);
  if (description !== '') yield { kind: 'paragraph', lines: [`[${description}]`] };
}

function* comment(element: XmlElement, reading: OpenReading): Pieces {
  yield { kind: 'paragraph', lines: [commentMark(element, reading, linesIn)] };
}

function* control(element: XmlElement, { controls }: OpenReading): Pieces {
  const text = controls.get(xmlAttribute(element, 'control') ?? '');
  if (text !== undefined) yield { kind: 'paragraph', lines: [text] };
}

/** What is read otherwise than by what is in it. */
const readers: Readonly<Record<string, PieceReader>> = {
  p: paragraph,
  h: paragraph,
  list,
  'numbered-paragraph': numberedParagraph,
  table,
  frame,
  annotation: comment,
  control,
};

function* piecesOf(element: XmlElement, reading: OpenReading, place: Place): Pieces {
  if (skipped.has(element.name)) return;
  if (Object.hasOwn(readers, element.name)) yield* readers[element.name]?.(element, reading, place) ?? [];
  else if (shapes.has(element.name)) yield* shape(element, reading, place);
  else yield* content(element, reading, place);
}

function* content(parent: XmlElement, reading: OpenReading, place: Place): Pieces {
  for (const child of childrenOf(parent)) yield* piecesOf(child, reading, place);
}

/** The content of an element, in order. */
export const openPieces = (parent: XmlElement, reading: OpenReading): Iterable<OpenPiece> =>
  content(parent, reading, { list: undefined, label: '' });

/** The lines of everything in an element: paragraphs, rows, what is drawn. */
export function linesIn(parent: XmlElement, reading: OpenReading): string[] {
  return [...openPieces(parent, reading)]
    .flatMap((piece) => (piece.kind === 'heading' ? [piece.text] : piece.lines))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
