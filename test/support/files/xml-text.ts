// XML as its text says it: prefixes, order and character references are kept, so that it can be written another way.

/** An element with its prefix, its attributes in their order as they are written. */
export interface RawElement {
  readonly tag: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly (RawElement | string)[];
}

type Open = RawElement & { readonly children: (RawElement | string)[] };

const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<\/?[^>]+>|[^<]+/g;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The root element of well-formed XML; text in it stays as it is written. */
export function rawXml(xml: string): RawElement {
  const root: Open = { tag: '', attributes: [], children: [] };
  const open = [root];
  for (const [part] of xml.matchAll(token)) {
    const last = open.at(-1) ?? root;
    if (part.startsWith('<?') || part.startsWith('<!--')) continue;
    if (part.startsWith('</')) open.pop();
    else if (part.startsWith('<') && !part.startsWith('<![')) {
      const attributes = [...part.matchAll(attribute)].map(
        ([, name = '', double, single = '']) => [name, double ?? single] as const,
      );
      const element: Open = { tag: /^<([\w:.-]+)/.exec(part)?.[1] ?? '', attributes, children: [] };
      last.children.push(element);
      if (!part.endsWith('/>')) open.push(element);
    } else last.children.push(part);
  }
  const [element] = root.children.filter((child) => typeof child !== 'string');
  if (!element) throw new Error('no XML');
  return element;
}

export function rawText({ tag, attributes, children }: RawElement): string {
  const inside = attributes.map(([name, value]) =>
    value.includes('"') ? ` ${name}='${value}'` : ` ${name}="${value}"`,
  );
  const content = children.map((child) => (typeof child === 'string' ? child : rawText(child))).join('');
  return content === '' ? `<${tag}${inside.join('')}/>` : `<${tag}${inside.join('')}>${content}</${tag}>`;
}

/** The tree with each element changed, the innermost first. */
export function changedXml(element: RawElement, change: (one: RawElement) => RawElement): RawElement {
  return change({
    ...element,
    children: element.children.map((child) =>
      typeof child === 'string' ? child : changedXml(child, change),
    ),
  });
}
