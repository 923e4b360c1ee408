import { childOf, firstOf, type XmlElement, xmlAttribute } from '../xml.ts';

/** `de`, `de-AT`; not `x-none`, which Word writes for text that it does not check. */
const tag = /^[a-z]{2,3}(?:-|$)/iu;

function languageIn(properties: XmlElement | undefined): string | undefined {
  const element = childOf(properties, 'lang');
  const value = element && xmlAttribute(element, 'val');
  return value !== undefined && tag.test(value) ? value : undefined;
}

/** The language that the styles set for what says nothing else. */
function usualLanguage(styles: XmlElement | undefined): string | undefined {
  const defaults = styles && firstOf(styles, 'rPrDefault');
  return languageIn(childOf(defaults, 'rPr'));
}

/** Runs by the language that each says of itself; those that say none by ''. */
function countRuns(element: XmlElement, counts: Map<string, number>): void {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (child.name === 'r') {
      const language = languageIn(childOf(child, 'rPr')) ?? '';
      counts.set(language, (counts.get(language) ?? 0) + 1);
    } else countRuns(child, counts);
  }
}

/**
 * The language in which Word checks the spelling of a document: that of most of its runs, else the usual one. A German text
 * in an English template says so in every run.
 */
export function languageOfDocument(body: XmlElement, styles: XmlElement | undefined): string | undefined {
  const counts = new Map<string, number>();
  countRuns(body, counts);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const most = [...counts].find(([language, count]) => language !== '' && count * 2 > all);
  return most?.[0] ?? usualLanguage(styles);
}
