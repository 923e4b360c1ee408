import {
  attribute,
  descendants,
  type Element,
  find,
  type HtmlNode,
  isElement,
  ownText,
  rawText,
} from './html-tree.ts';
import type { Writer } from './writer.ts';

const ignored = new Set(
  'script style noscript template svg math iframe object canvas nav form button select dialog head'.split(
    ' ',
  ),
);
/** Page furniture around the main text, when a page does not mark the main text. */
const furniture = new Set(['header', 'footer', 'aside']);
const furnitureRoles = new Set([
  'navigation',
  'banner',
  'contentinfo',
  'complementary',
  'search',
  'menu',
  'menubar',
]);
const lists = new Set(['ul', 'ol', 'table', 'div']);
const flowing = new Set(
  (
    'address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer header ' +
    'hr html legend li main ol p pre section summary table tbody tfoot thead tr ul'
  ).split(' '),
);

export function textOf(node: HtmlNode): string {
  const parts = [...descendants(node, ({ tagName }) => !ignored.has(tagName))].map((child) =>
    child.nodeName === 'br' ? ' ' : ownText(child),
  );
  return parts.join('').replace(/\s+/g, ' ').trim();
}

function rowsOf(table: Element): string[] {
  return find(table, 'tr').map((row) =>
    row.childNodes
      .filter((cell): cell is Element => isElement(cell) && (cell.tagName === 'td' || cell.tagName === 'th'))
      .map(textOf)
      .join(' | '),
  );
}

const maxCellLength = 1_000;
/** Nodes of a page that may be visited to find its menus. */
const menuBudget = 200_000;

/** A table used for page layout rather than for data. */
function isLayout(table: Element): boolean {
  if (descendants(table).some((node) => /^(table|h[1-6])$/.test(node.nodeName))) return true;
  return descendants(table).some(
    (node) => /^t[dh]$/.test(node.nodeName) && textOf(node).length > maxCellLength,
  );
}

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

/** The writer for a heading, table or code block; undefined for elements whose children are written instead. */
function wholeOf(element: Element): ((writer: Writer) => void) | undefined {
  const { tagName } = element;
  const level = /^h([1-6])$/.exec(tagName)?.[1];
  if (level) {
    const text = textOf(element);
    return (writer) => (text === '' ? undefined : writer.heading(Number(level), text));
  }
  if (tagName === 'table' && !isLayout(element)) {
    const rows = rowsOf(element);
    const header = rows[0];
    return (writer) => writer.block(rows, { rows: true, ...(header && rows.length > 1 && { header }) });
  }
  if (tagName !== 'pre') return undefined;
  return (writer) => writer.block(rawText(element).split('\n'), { rows: true });
}

/**
 * Writes the content of an element: headings, paragraphs, list items, tables, code.
 * @param unmarked the page does not mark its main text: menus and furniture are skipped
 */
export function writeHtml(root: Element, writer: Writer, unmarked: boolean): void {
  let line = '';
  /** Lists of links before the first paragraph are navigation; later ones belong to the text. */
  let hasBegun = !unmarked;
  const flush = (): void => {
    const text = line.replace(/\s+/g, ' ').trim();
    // The paragraph inside a list item belongs on the line of its bullet.
    if (text === '-') return;
    if (text.length > 80) hasBegun = true;
    writer.block([text]);
    line = '';
  };
  const isMenu = createMenuCheck(menuBudget);
  const isFurniture = (element: Element): boolean =>
    furniture.has(element.tagName) ||
    furnitureRoles.has(attribute(element, 'role') ?? '') ||
    (!hasBegun && lists.has(element.tagName) && isMenu(element));

  const visit = (element: Element): 'children' | 'done' => {
    const tag = element.tagName;
    if (ignored.has(tag) || attribute(element, 'hidden') !== undefined) return 'done';
    if (unmarked && element !== root && isFurniture(element)) return 'done';
    const write = wholeOf(element);
    if (write) {
      flush();
      write(writer);
      return 'done';
    }
    if (tag === 'br') line += ' ';
    if (flowing.has(tag)) flush();
    if (tag === 'li') line = '- ';
    return 'children';
  };

  // `undefined` marks the end of a block-level element.
  const stack: (HtmlNode | undefined)[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (!node) {
      flush();
      continue;
    }
    line += ownText(node);
    if (!isElement(node) || visit(node) === 'done') continue;
    if (flowing.has(node.tagName)) stack.push(undefined);
    for (let i = node.childNodes.length - 1; i >= 0; i--) {
      const child = node.childNodes[i];
      if (child) stack.push(child);
    }
  }
  flush();
}
