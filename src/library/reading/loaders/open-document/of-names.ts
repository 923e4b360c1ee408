import type { XmlElement } from '../xml.ts';

/**
 * The elements with some names in a document, in order, also those in one another. One walk for all of them, which makes
 * nothing for the many others: a text has tens of thousands.
 */
export function ofNames<Name extends string>(
  root: XmlElement,
  names: readonly Name[],
): Readonly<Record<Name, readonly XmlElement[]>> {
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, XmlElement[]>;
  const visit = (element: XmlElement): void => {
    for (const child of element.children) {
      if (typeof child === 'string') continue;
      if (Object.hasOwn(found, child.name)) found[child.name as Name].push(child);
      visit(child);
    }
  };
  visit(root);
  return found;
}
