import type { DefaultTreeAdapterTypes } from 'parse5';

export type HtmlNode = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;
export type HtmlDocument = DefaultTreeAdapterTypes.Document;

// Iterative, here and below: pages may be nested deeper than the stack allows.

export function isElement(node: HtmlNode): node is Element {
  return 'tagName' in node;
}

/** The text of a text node. */
export function ownText(node: HtmlNode): string {
  return node.nodeName === '#text' && 'value' in node ? node.value : '';
}

/** All descendants, in document order; `enter` returns false to skip an element's descendants. */
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

/** An element's text verbatim: in `pre`, line breaks and spaces matter. */
export function rawText(element: Element): string {
  return [...descendants(element)].map((node) => (node.nodeName === 'br' ? '\n' : ownText(node))).join('');
}
