import { tidy } from '../../../../tidy.ts';
import { raisedText } from '../raised.ts';
import { childOf, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import type { LinesReader, OpenReading } from './reading.ts';

/** A count in an attribute: 1 where there is none. */
export function countOf(element: XmlElement, name: string): number {
  const count = xmlAttribute(element, name);
  return count === undefined ? 1 : Math.min(1_000, Math.max(1, Number(count) || 1));
}

/** What is drawn, and may have text in it. */
export const shapes: ReadonlySet<string> = new Set(
  'custom-shape rect g line connector ellipse circle polygon polyline path regular-polygon caption measure'.split(
    ' ',
  ),
);

/** What has a place of its own: its content is not a part of the line that it stands in. */
const aside: ReadonlySet<string> = new Set([...shapes, 'frame', 'table', 'list', 'control']);

type InlineReader = (element: XmlElement, reading: OpenReading, linesIn: LinesReader) => string;

/** A line that is being read: its text so far, and what stands beside it. */
interface OpenLine {
  text: string;
  wasRaised: boolean;
  readonly boxes: XmlElement[];
  readonly linesIn: LinesReader;
}

/** A number that differs from page to page. */
const pageNumber: InlineReader = (element, { pages }) => pages?.mark ?? textIn(element);

/** Elements in a line that are not their content. */
const inline: Readonly<Record<string, InlineReader>> = {
  s: (element) => ' '.repeat(countOf(element, 'c')),
  tab: () => ' ',
  'line-break': () => ' ',
  'soft-page-break': () => '',
  'annotation-end': () => '',
  // Told before the text, or code of a program.
  number: () => '',
  script: () => '',
  'page-number': pageNumber,
  'page-count': pageNumber,
  note: (element, reading, linesIn) => noteMark(element, reading, linesIn),
  annotation: (element, reading, linesIn) => commentMark(element, reading, linesIn),
};

/** Texts have thousands of spans: the prefix that most writers choose is looked for first. */
const isRaised = (span: XmlElement, { raised }: OpenReading): boolean =>
  raised.size > 0 && raised.has(span.attributes['text:style-name'] ?? xmlAttribute(span, 'style-name') ?? '');

function readChild(child: XmlElement | string, reading: OpenReading, line: OpenLine): void {
  if (typeof child === 'string') {
    line.text += child.replace(/\s+/g, ' ');
    if (child.trim() !== '') line.wasRaised = false;
  } else if (Object.hasOwn(inline, child.name)) {
    line.text += inline[child.name]?.(child, reading, line.linesIn) ?? '';
  } else if (aside.has(child.name)) line.boxes.push(child);
  else if (child.name === 'ruby') readLine(childOf(child, 'ruby-base') ?? child, reading, line);
  else if (child.name === 'span' && isRaised(child, reading)) {
    const { text: before, wasRaised } = line;
    readLine(child, reading, line);
    line.text = before + raisedText(line.text.slice(before.length), before, wasRaised);
    line.wasRaised = true;
  } else readLine(child, reading, line);
}

function readLine(element: XmlElement, reading: OpenReading, line: OpenLine): void {
  for (const child of element.children) readChild(child, reading, line);
}

/** The text of a paragraph or heading, and what stands in it. */
export function lineOf(
  element: XmlElement,
  reading: OpenReading,
  linesIn: LinesReader,
): { readonly text: string; readonly boxes: readonly XmlElement[] } {
  const line: OpenLine = { text: '', wasRaised: false, boxes: [], linesIn };
  readLine(element, reading, line);
  return { text: tidy(reading.pages?.clean(line.text) ?? line.text), boxes: line.boxes };
}

function noteMark(note: XmlElement, reading: OpenReading, linesIn: LinesReader): string {
  const body = childOf(note, 'note-body');
  const citation = childOf(note, 'note-citation');
  const mark = `[${(citation && tidy(textIn(citation))) || reading.notes.length + 1}]`;
  if (body) reading.notes.push(`${mark} ${linesIn(body, reading).join(' ')}`);
  return mark;
}

/** The mark of a comment, which is told behind the text. */
export function commentMark(annotation: XmlElement, reading: OpenReading, linesIn: LinesReader): string {
  const mark = `[comment ${++reading.comments}]`;
  const creator = childOf(annotation, 'creator');
  const author = creator ? `${tidy(textIn(creator))}: ` : '';
  reading.notes.push(`${mark} ${author}${linesIn(annotation, reading).join(' ')}`);
  return mark;
}
