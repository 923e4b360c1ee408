import { tidy } from '../../../tidy.ts';
import { type PageNumbers, withoutPageNumbers } from '../loaders/word/page-numbers.ts';
import { elements, parseXml, textIn, type XmlElement, xmlText } from '../loaders/xml.ts';
import type { Archive } from '../loaders/zip.ts';

/** A chart in an OpenDocument sheet: its titles and the names of its columns; nothing for any other object. */
export async function objectLines(archive: Archive, href: string): Promise<string[]> {
  const name = `${href.replace(/^\.\//, '')}/content.xml`;
  const bytes = await archive.read(name);
  const chart = bytes && elements(parseXml(xmlText(bytes), name), 'chart')[0];
  if (!chart) return [];
  const titles = ['title', 'subtitle']
    .flatMap((kind) => elements(chart, kind))
    .map((one) => tidy(textIn(one)));
  const header = elements(chart, 'table-header-rows')[0];
  const columns = header ? elements(header, 'table-cell').map((one) => tidy(textIn(one))) : [];
  const line = [titles.filter(Boolean).join(', '), columns.filter(Boolean).join('; ')]
    .filter(Boolean)
    .join(' - ');
  return [line === '' ? 'Chart' : `Chart: ${line}`];
}

/** The part of `styles.xml` that holds headers and footers, as XML: what is above it may be a hundred times as long. */
const masterStyles = /<(?:[\w-]+:)?master-styles[\s>][\s\S]*<\/(?:[\w-]+:)?master-styles\s*>/;

/** What a program puts in for each page or sheet. */
const perPage = new Set(['page-number', 'page-count', 'sheet-name']);

/** A line without the numbers of pages and the names of sheets. */
function marginText(line: XmlElement, pages: PageNumbers): string {
  const textOf = (element: XmlElement): string =>
    element.children
      .map((child) => {
        if (typeof child === 'string') return child;
        if (child.name === 's' || child.name === 'tab') return ' ';
        return perPage.has(child.name) ? pages.mark : textOf(child);
      })
      .join('');
  return tidy(pages.clean(textOf(line)));
}

/** Headers and footers of the pages, each line once; those that programs write by themselves are numbers and names. */
export async function marginLinesOf(archive: Archive): Promise<string[]> {
  const bytes = await archive.read('styles.xml');
  const [xml] = (bytes && masterStyles.exec(xmlText(bytes))) ?? [];
  if (xml === undefined) return [];
  const styles = parseXml(xml, 'styles.xml');
  const pages = withoutPageNumbers();
  const lines = ['header', 'footer'].flatMap((kind) =>
    ['', '-first', '-left']
      .flatMap((which) => elements(styles, `${kind}${which}`))
      .flatMap((one) => elements(one, 'p'))
      .map((line) => marginText(line, pages))
      .filter((line) => /\p{L}{2}/u.test(line))
      .map((line) => `[${kind}] ${line}`),
  );
  return [...new Set(lines)];
}
