import { numberText } from '../list-numbers.ts';
import { childOf, childrenOf, type XmlElement, xmlAttribute, xmlValue } from '../xml.ts';
import type { ListPlace } from './styles.ts';

interface Level {
  readonly start: number;
  /** How its number is written, such as `decimal`. */
  readonly format: string;
  /** `%1.%2` for the numbers of the first and second level. */
  readonly text: string;
  /** The number of the level after which it begins anew; 0 for never. */
  readonly restart: number | undefined;
  readonly isLegal: boolean;
  /** The style whose paragraphs have this level. */
  readonly style: string | undefined;
}

interface List {
  /** Lists of one kind count on from each other. */
  readonly kind: string;
  readonly levels: ReadonlyMap<number, Level>;
  readonly starts: ReadonlyMap<number, number>;
}

/** Numbers the paragraphs of a document, which come in order. */
export interface Numbering {
  /** The number or bullet before a paragraph, and its level from 0; undefined for none. */
  next(
    place: ListPlace,
    style: string | undefined,
  ): { readonly label: string; readonly level: number } | undefined;
}

function levelOf(element: XmlElement): Level {
  const value = (name: string): string | undefined => {
    const found = childOf(element, name);
    return found && (xmlValue(found) ?? '');
  };
  const restart = value('lvlRestart');
  return {
    start: Number(value('start') ?? 0),
    format: value('numFmt') ?? 'decimal',
    text: value('lvlText') ?? '',
    restart: restart === undefined ? undefined : Number(restart),
    isLegal: childOf(element, 'isLgl') !== undefined,
    style: value('pStyle'),
  };
}

const levelsIn = (element: XmlElement): Map<number, Level> =>
  new Map(
    childrenOf(element)
      .filter(({ name }) => name === 'lvl')
      .map((level) => [Number(xmlAttribute(level, 'ilvl') ?? 0), levelOf(level)]),
  );

/** A list by its own element: some levels of it may begin or be written otherwise. */
function ownList(element: XmlElement, kind: string, usual: ReadonlyMap<number, Level> | undefined): List {
  const levels = new Map(usual);
  const starts = new Map<number, number>();
  for (const override of childrenOf(element).filter(({ name }) => name === 'lvlOverride')) {
    const level = Number(xmlAttribute(override, 'ilvl') ?? 0);
    const start = childOf(override, 'startOverride');
    const other = childOf(override, 'lvl');
    if (start) starts.set(level, Number(xmlValue(start) ?? 0));
    if (other) levels.set(level, levelOf(other));
  }
  return { kind, levels, starts };
}

function readLists(root: XmlElement | undefined): Map<string, List> {
  const children = root ? childrenOf(root) : [];
  const kinds = new Map<string, { levels: Map<number, Level>; link: string | undefined }>();
  const byStyleLink = new Map<string, string>();
  for (const kind of children.filter(({ name }) => name === 'abstractNum')) {
    const id = xmlAttribute(kind, 'abstractNumId') ?? '';
    const link = childOf(kind, 'numStyleLink');
    const style = childOf(kind, 'styleLink');
    kinds.set(id, { levels: levelsIn(kind), link: link && xmlValue(link) });
    if (style) byStyleLink.set(xmlValue(style) ?? '', id);
  }
  const lists = new Map<string, List>();
  for (const list of children.filter(({ name }) => name === 'num')) {
    const reference = childOf(list, 'abstractNumId');
    const named = (reference && xmlValue(reference)) ?? '';
    const kind = byStyleLink.get(kinds.get(named)?.link ?? '') ?? named;
    lists.set(xmlAttribute(list, 'numId') ?? '', ownList(list, kind, kinds.get(kind)?.levels));
  }
  return lists;
}

/** How many levels a list has at most. */
const maxLevels = 9;

/** @param root of the part with the definitions, if there is one */
export function createNumbering(root: XmlElement | undefined): Numbering {
  const lists = readLists(root);
  /** The last number of each level, by kind of list. */
  const counts = new Map<string, (number | undefined)[]>();
  const begun = new Set<string>();

  function labelOf(list: List, level: number, count: readonly (number | undefined)[]): string {
    const { text = '', format = '', isLegal = false } = list.levels.get(level) ?? {};
    if (format === 'bullet') return '-';
    return text.replace(/%([1-9])/g, (_, digit: string) => {
      const at = Number(digit) - 1;
      const of = list.levels.get(at);
      const number = count[at] ?? list.starts.get(at) ?? of?.start ?? 1;
      return numberText(number, isLegal ? 'decimal' : (of?.format ?? 'decimal'));
    });
  }

  return {
    next({ list: id, level: given }, style) {
      const list = lists.get(id);
      if (!list) return undefined;
      const byStyle = [...list.levels].find(([, { style: of }]) => of !== undefined && of === style)?.[0];
      const level = given ?? byStyle ?? 0;
      const definition = list.levels.get(level);
      if (!definition || level >= maxLevels) return undefined;
      const count = counts.get(list.kind) ?? [];
      counts.set(list.kind, count);
      const first = `${id} ${level}`;
      const anew = list.starts.get(level);
      if (anew !== undefined && !begun.has(first)) count[level] = undefined;
      begun.add(first);
      const before = count[level];
      count[level] = before === undefined ? (anew ?? definition.start) : before + 1;
      for (let below = level + 1; below < maxLevels; below++) {
        const after = list.levels.get(below)?.restart;
        if (after === undefined || (after > 0 && level < after)) count[below] = undefined;
      }
      return { label: labelOf(list, level, count), level };
    },
  };
}
