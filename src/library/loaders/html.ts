import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { Block, LoadedDocument } from './blocks.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

const ignored = new Set(
  'script style noscript template svg math iframe object canvas nav form button select dialog head'.split(
    ' ',
  ),
);
/** Besides the main text, when a page does not mark it with `main` or a single `article`. */
const furniture = new Set(['header', 'footer', 'aside']);
const flowing = new Set(
  (
    'address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer header ' +
    'hr html legend li main ol p pre section summary table tbody tfoot thead tr ul'
  ).split(' '),
);

function isElement(node: Node): node is Element {
  return 'tagName' in node;
}

function find(node: Node | DefaultTreeAdapterTypes.Document, tag: string): Element[] {
  if (!('childNodes' in node)) return [];
  const found: Element[] = [];
  // A loop of our own: pages may be nested deeper than the stack.
  const stack: Node[] = [...node.childNodes].reverse();
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (!isElement(at)) continue;
    if (at.tagName === tag) found.push(at);
    for (let i = at.childNodes.length - 1; i >= 0; i--) {
      const child = at.childNodes[i];
      if (child) stack.push(child);
    }
  }
  return found;
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((one) => one.name === name)?.value;
}

function textOf(node: Node): string {
  const parts: string[] = [];
  const stack: Node[] = [node];
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (at.nodeName === '#text' && 'value' in at) parts.push(at.value);
    if (!isElement(at) || ignored.has(at.tagName)) continue;
    for (let i = at.childNodes.length - 1; i >= 0; i--) {
      const child = at.childNodes[i];
      if (child) stack.push(child);
    }
  }
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

/** Collects lines of text and the blocks they form. */
function createWriter(): {
  readonly heading: (level: number, text: string) => void;
  readonly block: (
    lines: readonly string[],
    extra?: { readonly header?: string; readonly rows?: true },
  ) => void;
  readonly result: () => { text: string; blocks: Block[] };
} {
  const lines: string[] = [];
  const blocks: Block[] = [];
  const open: { level: number; text: string }[] = [];
  const write = (added: readonly string[]): readonly [number, number] => {
    if (lines.length > 0) lines.push('');
    const first = lines.length + 1;
    lines.push(...added);
    return [first, lines.length];
  };
  return {
    heading(level, text) {
      while ((open.at(-1)?.level ?? 0) >= level) open.pop();
      open.push({ level, text });
      write([`${'#'.repeat(level)} ${text}`]);
    },
    block(added, extra = {}) {
      const kept = added.filter((line) => line.trim() !== '');
      if (kept.length === 0) return;
      const range = write(kept);
      blocks.push({ heading: open.map((one) => one.text), lines: range, text: kept.join('\n'), ...extra });
    },
    result: () => ({ text: lines.join('\n'), blocks }),
  };
}

function render(root: Element, whole: boolean): { text: string; blocks: Block[] } {
  const writer = createWriter();
  let line = '';
  const flush = (): void => {
    writer.block([line.replace(/\s+/g, ' ').trim()]);
    line = '';
  };
  const visit = (element: Element): 'children' | 'done' => {
    const tag = element.tagName;
    if (ignored.has(tag) || (whole && furniture.has(tag)) || attribute(element, 'hidden') !== undefined)
      return 'done';
    const level = /^h([1-6])$/.exec(tag)?.[1];
    if (level) {
      flush();
      const text = textOf(element);
      if (text !== '') writer.heading(Number(level), text);
      return 'done';
    }
    if (tag === 'table' && find(element, 'table').length === 0) {
      flush();
      const rows = rowsOf(element);
      const header = rows[0];
      writer.block(rows, { rows: true, ...(header && rows.length > 1 && { header }) });
      return 'done';
    }
    if (tag === 'pre') {
      flush();
      const text = find(element, 'br').length > 0 ? textOf(element) : rawText(element);
      writer.block(text.split('\n'), { rows: true });
      return 'done';
    }
    if (tag === 'br') line += ' ';
    if (flowing.has(tag)) flush();
    if (tag === 'li') line += '- ';
    return 'children';
  };
  // `undefined` marks the end of an element that begins a line of its own.
  const stack: (Node | undefined)[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (!node) {
      flush();
      continue;
    }
    if (node.nodeName === '#text' && 'value' in node) line += node.value;
    if (!isElement(node) || visit(node) === 'done') continue;
    if (flowing.has(node.tagName)) stack.push(undefined);
    for (let i = node.childNodes.length - 1; i >= 0; i--) {
      const child = node.childNodes[i];
      if (child) stack.push(child);
    }
  }
  flush();
  return writer.result();
}

function rawText(element: Element): string {
  return element.childNodes
    .map((child) => {
      if (child.nodeName === '#text' && 'value' in child) return child.value;
      return isElement(child) ? rawText(child) : '';
    })
    .join('');
}

/**
 * HTML: the main text with its headings (`main`, else a single `article`, else the body without headers,
 * footers and navigation). Line numbers are those of the text made from it.
 */
export function loadHtml(source: string, name: string): LoadedDocument {
  const document = parse(source);
  const articles = find(document, 'article');
  const marked = find(document, 'main')[0] ?? (articles.length === 1 ? articles[0] : undefined);
  const body = marked ?? find(document, 'body')[0];
  const { text, blocks } = body ? render(body, !marked) : { text: '', blocks: [] };
  const named = find(document, 'title')[0];
  const title = (named && textOf(named)) || blocks[0]?.heading[0] || name;
  const description = find(document, 'meta').find((meta) => attribute(meta, 'name') === 'description');
  const content = description && attribute(description, 'content');
  return { title, text, metadata: content ? { description: content } : {}, blocks };
}
