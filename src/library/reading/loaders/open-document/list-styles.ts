import { childOf, childrenOf, type XmlElement, xmlAttribute } from '../xml.ts';

/** How the paragraphs of a level of a list are numbered. */
interface OpenListLevel {
  /** As `numberText` calls it; undefined for bullets. */
  readonly format: string | undefined;
  /** The number with what stands around it: `%1%.%2%)` for those of the first and second level. */
  readonly text: string;
  readonly start: number;
}

/** By level, from 1. */
export type OpenListStyle = ReadonlyMap<number, OpenListLevel>;

/** What numbers of lists are found by. */
export interface OpenListStyles {
  list(name: string): OpenListStyle | undefined;
  /** The numbers of headings. */
  readonly outline: OpenListStyle;
  /** Whether the headings of a style of paragraphs have no number, whatever their level. */
  isUnnumbered(style: string): boolean;
}

/** How numbers are written, by the example that OpenDocument has for it. */
const formats: Readonly<Record<string, string>> = {
  '1': 'decimal',
  a: 'lowerLetter',
  A: 'upperLetter',
  i: 'lowerRoman',
  I: 'upperRoman',
  '': 'none',
};

const maxLevels = 10;

function levelOf(element: XmlElement, level: number): OpenListLevel {
  const value = (name: string): string => xmlAttribute(element, name) ?? '';
  const isNumber = element.name === 'list-level-style-number' || element.name === 'outline-level-style';
  if (!isNumber) return { format: undefined, text: '', start: 1 };
  const format = value('num-format');
  const shown = Math.min(level, Math.max(1, Number(value('display-levels')) || 1));
  const numbers = Array.from({ length: shown }, (_, i) => `%${level - shown + 1 + i}%`).join('.');
  const written = value('num-list-format');
  const around = `${value('num-prefix')}${numbers}${value('num-suffix')}`;
  return {
    format: formats[format] ?? 'decimal',
    text: format === '' ? '' : written.includes('%') ? written : around,
    start: xmlAttribute(element, 'start-value') === undefined ? 1 : Number(value('start-value')),
  };
}

function styleOf(element: XmlElement): OpenListStyle {
  const levels = new Map<number, OpenListLevel>();
  for (const child of childrenOf(element)) {
    const level = Number(xmlAttribute(child, 'level'));
    if (Number.isInteger(level) && level > 0 && level <= maxLevels) levels.set(level, levelOf(child, level));
  }
  return levels;
}

const byName = (styles: readonly XmlElement[]): ReadonlyMap<string, XmlElement> =>
  new Map(styles.map((style) => [xmlAttribute(style, 'name') ?? '', style]));

/** Whether a style of paragraphs says that they are in no list, or a style that it is based on. */
function isUnnumbered(styles: ReadonlyMap<string, XmlElement>, name: string, depth = 0): boolean {
  const style = styles.get(name);
  if (!style || depth > maxLevels) return false;
  const list = xmlAttribute(style, 'list-style-name');
  if (list !== undefined) return list === '';
  return isUnnumbered(styles, xmlAttribute(style, 'parent-style-name') ?? '', depth + 1);
}

const stylesIn = (roots: readonly XmlElement[]): XmlElement[] =>
  roots
    .flatMap((root) => [childOf(root, 'styles'), childOf(root, 'automatic-styles')])
    .flatMap((styles) => (styles ? childrenOf(styles) : []));

/**
 * Each style is read when it is used first: programs write hundreds that are not.
 * @param roots of the parts with styles; what a later one says counts
 */
export function readListStyles(roots: readonly XmlElement[]): OpenListStyles {
  const all = stylesIn(roots);
  const lists = byName(all.filter(({ name }) => name === 'list-style'));
  const read = new Map<string, OpenListStyle>();
  const outline = all.findLast(({ name }) => name === 'outline-style');
  let paragraphs: ReadonlyMap<string, XmlElement> | undefined;
  return {
    list(name) {
      const element = lists.get(name);
      const style = read.get(name) ?? (element && styleOf(element));
      if (style) read.set(name, style);
      return style;
    },
    outline: outline ? styleOf(outline) : new Map(),
    isUnnumbered(name) {
      paragraphs ??= byName(
        all.filter((style) => style.name === 'style' && xmlAttribute(style, 'family') === 'paragraph'),
      );
      return isUnnumbered(paragraphs, name);
    },
  };
}

/** Styles whose text is raised: `super 58%`, or by so much of its height. */
export function raisedStyles(roots: readonly XmlElement[]): ReadonlySet<string> {
  const isRaised = (style: XmlElement): boolean => {
    const properties = childOf(style, 'text-properties');
    return /^(super|[1-9]\d*%)/.test((properties && xmlAttribute(properties, 'text-position')) ?? '');
  };
  return new Set(
    stylesIn(roots)
      .filter((style) => style.name === 'style' && isRaised(style))
      .map((style) => xmlAttribute(style, 'name') ?? ''),
  );
}
