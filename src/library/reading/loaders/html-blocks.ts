import { undescribedPictures } from './html-pictures.ts';
import { isLayout, readTable } from './html-table.ts';
import { flowing, ignored, shownText, textOf } from './html-text.ts';
import {
  attribute,
  descendants,
  type Element,
  type HtmlNode,
  isElement,
  ownText,
  rawText,
} from './html-tree.ts';
import { numberText } from './list-numbers.ts';
import type { Writer } from './writer.ts';

/** What leads to other pages; headers and footers belong to the text, without the navigation in them. */
const navigationRoles = new Set(['navigation', 'search', 'menu', 'menubar']);
const lists = new Set(['ul', 'ol', 'table', 'div', 'aside']);
/** Nodes of a page that may be visited to find its menus. */
const menuBudget = 200_000;

/**
 * Detects lists of links with little else: menus, tables of contents. Each check stops as soon as it can, and all
 * checks of a page share one budget of nodes, since pages may be nested arbitrarily deep.
 */
function createMenuCheck(budget: number): (element: Element) => boolean {
  let left = budget;
  return (element) => {
    let links = 0;
    let inLinks = 0;
    let outside = 0;
    for (const node of descendants(element, ({ tagName }) => !ignored.has(tagName) && tagName !== 'a')) {
      if (--left < 0 || /^(p|pre|h[1-6]|table)$/.test(node.nodeName)) return false;
      if (isElement(node) && node.tagName === 'a') {
        links++;
        inLinks += textOf(node).length;
      } else outside += ownText(node).trim().length;
      if (outside > 400) return false;
    }
    return links >= 4 && outside < inLinks * 0.1;
  };
}

/** What an element stands in. */
function aboveOf(element: Element | undefined): ReadonlySet<unknown> {
  const above = new Set<unknown>();
  let at = element?.parentNode;
  while (at) {
    above.add(at);
    at = 'parentNode' in at ? at.parentNode : null;
  }
  return above;
}

const hasWords = (element: Element): boolean =>
  descendants(element).some((node) => ownText(node).trim() !== '');

/** Numbers of the items of a list, in the notation of its `type` (HTML, 4.4.5). */
const listTypes: Readonly<Record<string, string>> = {
  a: 'lowerLetter',
  A: 'upperLetter',
  i: 'lowerRoman',
  I: 'upperRoman',
};

const itemsOf = (list: Element): Element[] =>
  list.childNodes.filter((child): child is Element => isElement(child) && child.tagName === 'li');

/** What stands before each item of an ordered list. */
function numbersOf(list: Element): [Element, string][] {
  const items = itemsOf(list);
  const format = listTypes[attribute(list, 'type') ?? ''] ?? 'decimal';
  const step = attribute(list, 'reversed') === undefined ? 1 : -1;
  let number = Number(attribute(list, 'start') ?? (step > 0 ? 1 : items.length)) - step;
  return items.map((item) => {
    const own = attribute(item, 'value');
    number = own !== undefined && Number.isInteger(Number(own)) ? Number(own) : number + step;
    return [item, `${numberText(number, format)}. `];
  });
}

/** Ids of what buttons show and hide: a part of the page, seen or not. */
function shownByButtons(root: Element): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const node of descendants(root)) {
    const named = isElement(node) ? attribute(node, 'aria-controls') : undefined;
    for (const id of named?.split(/\s+/) ?? []) ids.add(id);
  }
  return ids;
}

/** The writer for a heading, table or code block; undefined for elements whose children are written instead. */
function wholeOf(element: Element): ((writer: Writer) => void) | undefined {
  const { tagName } = element;
  const level = /^h([1-6])$/.exec(tagName)?.[1];
  if (level) {
    const text = textOf(element);
    return (writer) => (text === '' ? undefined : writer.heading(Number(level), text));
  }
  if (tagName === 'table' && !isLayout(element)) {
    const { caption, rows } = readTable(element);
    const header = rows[0];
    return (writer) => {
      writer.block(caption);
      writer.block(rows, { rows: true, ...(header && rows.length > 1 && { header }) });
    };
  }
  if (tagName !== 'pre') return undefined;
  return (writer) => writer.block(rawText(element).split('\n'), { rows: true });
}

/** What of a page is not in its text. */
export interface LeftOutOfPage {
  /** Parts that the page does not show. */
  hidden: number;
  /** Frames, players and objects. */
  embedded: number;
  /** Parts that lead to other pages: menus, tables of contents. */
  navigation: number;
  /** Pictures of which nothing tells what they show. */
  pictures: number;
}

export const nothingLeftOutOfPage = (): LeftOutOfPage => ({
  ...{ hidden: 0, embedded: 0, navigation: 0, pictures: 0 },
});

const embedding = new Set(['iframe', 'object', 'embed', 'video', 'audio']);

/**
 * Writes the content of an element: headings, paragraphs, list items, tables, code.
 * @param main the main text, if it is marked: elsewhere lists of links are menus, which are left out
 */
export function writeHtml(root: Element, writer: Writer, main: Element | undefined): LeftOutOfPage {
  const leftOut = nothingLeftOutOfPage();
  const aroundMain = aboveOf(main);
  let isMain = false;
  const opened = shownByButtons(root);
  const labels = new Map<Element, string>();
  let line = '';
  /** The bullet or number of the item that was begun last. */
  let label = '';
  /** Lists of links before the first paragraph are navigation; later ones belong to the text. */
  let hasBegun = false;
  const flush = (): void => {
    const text = line.replace(/\s+/g, ' ').trim();
    // The paragraph inside a list item belongs on the line of its bullet.
    if (/^(-|\p{L}+\.|-?\d+\.)$/u.test(text) && text === label.trim()) return;
    if (text.length > 80 && !main) hasBegun = true;
    writer.block([text]);
    line = '';
  };
  const isMenu = createMenuCheck(menuBudget);
  const isNavigation = (element: Element): boolean =>
    navigationRoles.has(attribute(element, 'role') ?? '') ||
    (!hasBegun && lists.has(element.tagName) && isMenu(element));

  /** Whether nobody sees it: what is hidden until it is asked for belongs to the page. */
  function isLeftOut(element: Element): boolean {
    if (embedding.has(element.tagName)) leftOut.embedded++;
    if (element.tagName === 'nav' && hasWords(element)) leftOut.navigation++;
    if (ignored.has(element.tagName)) return true;
    const hidden = attribute(element, 'hidden');
    if (hidden === undefined || hidden === 'until-found') return false;
    if (attribute(element, 'role') === 'tabpanel' || opened.has(attribute(element, 'id') ?? '')) return false;
    if (textOf(element) !== '') leftOut.hidden++;
    return true;
  }

  function isSkipped(element: Element): boolean {
    if (element === root || aroundMain.has(element)) return false;
    if (isLeftOut(element)) return true;
    if (isMain || !isNavigation(element)) return false;
    if (hasWords(element)) leftOut.navigation++;
    return true;
  }

  const visit = (element: Element): 'children' | 'done' => {
    const tag = element.tagName;
    if (isSkipped(element)) return 'done';
    const write = wholeOf(element);
    if (write) {
      flush();
      write(writer);
      leftOut.pictures += undescribedPictures(element, ignored);
      return 'done';
    }
    const shown = shownText(element, line);
    if (shown !== undefined) {
      line += shown;
      leftOut.pictures += undescribedPictures(element, ignored);
      return 'done';
    }
    if (flowing.has(tag)) flush();
    if (tag === 'ol') for (const [item, number] of numbersOf(element)) labels.set(item, number);
    if (tag === 'li') {
      label = labels.get(element) ?? '- ';
      line = label;
    }
    return 'children';
  };

  // `undefined` marks the end of a block-level element, `null` that of the main text.
  const stack: (HtmlNode | undefined | null)[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (!node) {
      flush();
      if (node === null) {
        isMain = false;
        writer.closeHeadings();
      }
      continue;
    }
    line += ownText(node);
    if (node === main) {
      flush();
      isMain = true;
      stack.push(null);
    }
    if (!isElement(node) || visit(node) === 'done') continue;
    if (flowing.has(node.tagName)) stack.push(undefined);
    for (let i = node.childNodes.length - 1; i >= 0; i--) {
      const child = node.childNodes[i];
      if (child) stack.push(child);
    }
  }
  flush();
  return leftOut;
}
