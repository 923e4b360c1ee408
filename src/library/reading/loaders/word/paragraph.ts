import { childOf, childrenOf, type XmlElement, xmlAttribute } from '../xml.ts';
import { inlineOf } from './inline.ts';
import type { WordReading } from './reading.ts';
import { listOf, outlineOf } from './styles.ts';

/** Elements around paragraphs and tables. */
const around = new Set('sdt sdtContent customXml smartTag ins moveTo Choice'.split(' '));

/** The paragraphs and tables in an element, in order; of alternatives the first. */
export function blockElements(parent: XmlElement): XmlElement[] {
  return childrenOf(parent).flatMap((child) => {
    if (/^(p|tbl|altChunk|subDoc)$/.test(child.name)) return [child];
    if (child.name === 'AlternateContent')
      return blockElements({ ...child, children: childrenOf(child).slice(0, 1) });
    return around.has(child.name) ? blockElements(child) : [];
  });
}

/** A paragraph with the number that stands before it. */
export interface WordParagraph {
  readonly text: string;
  readonly heading?: number;
  readonly isTitle?: boolean;
  /** How deep it is in a list, from 0. */
  readonly level?: number;
  readonly boxes: readonly XmlElement[];
  readonly drawn: readonly string[];
}

/** The table of contents repeats the headings of the text. */
const repeated = /^(toc|table of figures)( \d)?$/i;

/** Undefined for a paragraph that only repeats others. */
export async function readParagraph(
  paragraph: XmlElement,
  reading: WordReading,
): Promise<WordParagraph | undefined> {
  const properties = childOf(paragraph, 'pPr');
  const style = reading.styleOf(properties);
  if (style && repeated.test(style.name)) return undefined;
  const { text, boxes, drawn } = await inlineOf(paragraph, reading, {
    ...(style?.isHidden !== undefined && { isHidden: style.isHidden }),
  });
  const outline = outlineOf(properties);
  const heading = outline === null ? undefined : (outline ?? style?.heading);
  const own = listOf(properties);
  const list = own ? { ...(own.list === style?.list?.list && style.list), ...own } : style?.list;
  const styleElement = childOf(properties, 'pStyle');
  const numbered =
    list && text !== ''
      ? reading.numbering.next(list, styleElement && xmlAttribute(styleElement, 'val'))
      : undefined;
  const label = numbered?.label ?? '';
  return {
    text: label === '' ? text : `${label} ${text}`,
    ...(heading !== undefined && text !== '' && { heading }),
    ...(style?.name.toLowerCase() === 'title' && { isTitle: true }),
    ...(numbered && { level: numbered.level }),
    ...{ boxes, drawn },
  };
}
