import { childOf, childrenOf, type XmlElement, xmlAttribute, xmlValue } from '../xml.ts';

/** A list that a paragraph or style belongs to, and its level in it, from 0. */
export interface ListPlace {
  readonly list: string;
  readonly level?: number;
}

/** What matters of a paragraph style, with what it inherits. */
export interface WordStyle {
  readonly name: string;
  /** The level of a heading, from 1. */
  readonly heading?: number;
  readonly list?: ListPlace;
  readonly isHidden?: boolean;
  /** Its text is superscript. */
  readonly isRaised?: boolean;
}

/** Level 9 is body text. */
const bodyLevel = 9;

/** The level of the outline that properties of a paragraph name, from 1; null for body text. */
export function outlineOf(properties: XmlElement | undefined): number | null | undefined {
  const value = childOf(properties, 'outlineLvl');
  const level = value && Number(xmlValue(value));
  if (level === undefined || !Number.isInteger(level)) return undefined;
  return level >= bodyLevel ? null : level + 1;
}

export function listOf(properties: XmlElement | undefined): ListPlace | undefined {
  const numbering = childOf(properties, 'numPr');
  const list = childOf(numbering, 'numId');
  const level = childOf(numbering, 'ilvl');
  const id = list && xmlValue(list);
  if (id === undefined) return undefined;
  return { list: id, ...(level && { level: Number(xmlValue(level) ?? 0) }) };
}

/** Whether a property that is on or off is there and on. */
export function isOn(properties: XmlElement | undefined, name: string): boolean | undefined {
  const found = childOf(properties, name);
  return found && !/^(0|false|off)$/.test(xmlValue(found) ?? '');
}

/** Whether properties of a run make it superscript; undefined where they say nothing. */
export function isRaised(properties: XmlElement | undefined): boolean | undefined {
  const align = childOf(properties, 'vertAlign');
  return align && xmlValue(align) === 'superscript';
}

const headingName = /^heading ?([1-9])$/i;

/** Styles by id. */
export function readStyles(root: XmlElement | undefined): ReadonlyMap<string, WordStyle> {
  const declared = new Map<string, XmlElement>();
  for (const style of root ? childrenOf(root) : []) {
    const id = style.name === 'style' ? xmlAttribute(style, 'styleId') : undefined;
    if (id !== undefined) declared.set(id, style);
  }
  const styles = new Map<string, WordStyle>();

  function read(id: string, below: readonly string[]): WordStyle | undefined {
    const known = styles.get(id);
    const style = declared.get(id);
    // A style based on itself is based on nothing.
    if (known || !style || below.includes(id)) return known;
    const value = (name: string): string => xmlValue(childOf(style, name) ?? style) ?? '';
    const base = childOf(style, 'basedOn') && read(value('basedOn'), [...below, id]);
    const paragraph = childOf(style, 'pPr');
    const named = childOf(style, 'name') ? value('name') : id;
    const outline = outlineOf(paragraph);
    const byName = headingName.exec(named)?.[1];
    const heading = outline === null ? undefined : (outline ?? (byName ? Number(byName) : base?.heading));
    const list = listOf(paragraph) ?? base?.list;
    const run = childOf(style, 'rPr');
    const isHidden = isOn(run, 'vanish') ?? base?.isHidden;
    const raised = isRaised(run) ?? base?.isRaised;
    const found: WordStyle = {
      name: named,
      ...(heading !== undefined && { heading }),
      ...(list && { list: { ...base?.list, ...list } }),
      ...(isHidden !== undefined && { isHidden }),
      ...(raised !== undefined && { isRaised: raised }),
    };
    styles.set(id, found);
    return found;
  }

  for (const id of declared.keys()) read(id, []);
  return styles;
}

/** A style that a document uses and does not declare, by the ids that Word gives. */
export function undeclaredStyle(id: string): WordStyle {
  const level = /^heading([1-9])$/i.exec(id)?.[1];
  return { name: id, ...(level !== undefined && { heading: Number(level) }) };
}
