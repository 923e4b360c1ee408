import { tidy } from '../../../../tidy.ts';
import { numberText } from '../list-numbers.ts';
import { childOf, childrenOf, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import type { OpenListStyle, OpenListStyles } from './list-styles.ts';

/** The last numbers of a list, by level from 1. */
type Counts = (number | undefined)[];

/** A list that is being read. */
export interface OpenList {
  readonly style: OpenListStyle | undefined;
  readonly styleName: string;
  readonly level: number;
  readonly counts: Counts;
}

/** Numbers the lists and headings of a document, which come in order. */
export interface OpenNumbering {
  /** @param parent the list that it is in */
  open(list: XmlElement, parent: OpenList | undefined): OpenList;
  /** What stands before an item, with a space behind it. */
  itemLabel(item: XmlElement, list: OpenList): string;
  /** As `itemLabel`, for a paragraph that has a number without being in a list. */
  paragraphLabel(paragraph: XmlElement): string;
  headingLabel(heading: XmlElement, level: number): string;
}

const bullet = '- ';
const maxLevels = 10;

/** A number that the writer has put into the text, with a space behind it. */
function writtenNumber(element: XmlElement): string | undefined {
  const number = childOf(element, 'number');
  const text = number ? tidy(textIn(number)) : '';
  return text === '' ? undefined : `${text} `;
}

function labelOf(style: OpenListStyle | undefined, level: number, counts: Counts): string {
  const own = style?.get(level);
  if (own?.format === undefined) return bullet;
  const text = own.text.replace(/%(\d+)%/g, (_, digits: string) => {
    const of = style?.get(Number(digits));
    return numberText(counts[Number(digits)] ?? of?.start ?? 1, of?.format ?? 'decimal');
  });
  return text.trim() === '' ? '' : `${text.trim()} `;
}

/** Counts one on at a level; deeper ones begin anew, and those above have begun. */
function countOn(
  counts: Counts,
  level: number,
  style: OpenListStyle | undefined,
  given: string | undefined,
): void {
  const startOf = (at: number): number => style?.get(at)?.start ?? 1;
  for (let above = 1; above < level; above++) counts[above] ??= startOf(above);
  const before = counts[level];
  const next = before === undefined ? startOf(level) : before + 1;
  counts[level] = given === undefined ? next : Number(given) || 0;
  counts.length = level + 1;
}

const isTrue = (element: XmlElement, name: string): boolean => xmlAttribute(element, name) === 'true';

export function createOpenNumbering({
  list: listStyle,
  outline,
  isUnnumbered,
}: OpenListStyles): OpenNumbering {
  const byId = new Map<string, Counts>();
  const byStyle = new Map<string, Counts>();
  const headings: Counts = [];

  /** The numbers that a list goes on with: those of another one, where it says so. */
  function countsOf(list: XmlElement, styleName: string): Counts {
    const continued = byId.get(xmlAttribute(list, 'continue-list') ?? '');
    if (continued) return continued;
    const before = isTrue(list, 'continue-numbering') ? byStyle.get(styleName) : undefined;
    return before ?? [];
  }

  return {
    open(list, parent) {
      const styleName = xmlAttribute(list, 'style-name') ?? parent?.styleName ?? '';
      const counts = parent ? parent.counts : countsOf(list, styleName);
      if (!parent) byStyle.set(styleName, counts);
      const id = xmlAttribute(list, 'id');
      if (id !== undefined) byId.set(id, counts);
      return { style: listStyle(styleName), styleName, level: (parent?.level ?? 0) + 1, counts };
    },
    itemLabel(item, { style, level, counts }) {
      // An item that has only a list in it is there for the sake of its level.
      if (!childrenOf(item).some(({ name }) => name === 'p' || name === 'h')) return '';
      countOn(counts, level, style, xmlAttribute(item, 'start-value'));
      return writtenNumber(item) ?? labelOf(style, level, counts);
    },
    paragraphLabel(paragraph) {
      const level = Math.min(
        maxLevels,
        Math.max(1, Math.trunc(Number(xmlAttribute(paragraph, 'level')) || 1)),
      );
      const styleName = xmlAttribute(paragraph, 'style-name') ?? '';
      const id = xmlAttribute(paragraph, 'list-id') ?? styleName;
      const counts = byId.get(id) ?? [];
      byId.set(id, counts);
      const style = listStyle(styleName);
      countOn(counts, level, style, xmlAttribute(paragraph, 'start-value'));
      return writtenNumber(paragraph) ?? labelOf(style, level, counts);
    },
    headingLabel(heading, level) {
      const own = outline.get(level);
      if (isTrue(heading, 'is-list-header') || own?.format === undefined) return writtenNumber(heading) ?? '';
      if (isUnnumbered(xmlAttribute(heading, 'style-name') ?? '')) return writtenNumber(heading) ?? '';
      countOn(headings, level, outline, xmlAttribute(heading, 'start-value'));
      return writtenNumber(heading) ?? labelOf(outline, level, headings);
    },
  };
}
