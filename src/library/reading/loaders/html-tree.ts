import type { DefaultTreeAdapterTypes } from 'parse5';

export type HtmlNode = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;
export type HtmlDocument = DefaultTreeAdapterTypes.Document;

// Loops of our own, here and below: pages may be nested deeper than the stack.

export function isElement(node: HtmlNode): node is Element {
  return 'tagName' in node;
}

/** The text of a text node. */
export function ownText(node: HtmlNode): string {
  return node.nodeName === '#text' && 'value' in node ? node.value : '';
}

/** All nodes below one, in the order of the page; `enter` false leaves out what is below an element. */
export function* descendants(
  root: HtmlNode | HtmlDocument,
  enter: (element: Element) => boolean = () => true,
): Generator<HtmlNode> {
  if (!('childNodes' in root)) return;
  const stack: HtmlNode[] = [...root.childNodes].reverse();
  for (let at = stack.pop(); at; at = stack.pop()) {
    yield at;
    if (!isElement(at) || !enter(at)) continue;
    for (let i = at.childNodes.length - 1; i >= 0; i--) {
      const child = at.childNodes[i];
      if (child) stack.push(child);
    }
  }
}

export function find(node: HtmlNode | HtmlDocument, tag: string): Element[] {
  const found: Element[] = [];
  for (const child of descendants(node)) if (isElement(child) && child.tagName === tag) found.push(child);
  return found;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}

/** The text below an element as it stands: in `pre`, line breaks and spaces mean something. */
export function rawText(element: Element): string {
  return [...descendants(element)].map((node) => (node.nodeName === 'br' ? '\n' : ownText(node))).join('');
}
