import { tidy } from '../../../tidy.ts';
import { elements, parseXml, textIn, xmlText } from '../loaders/xml.ts';
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

/** Headers and footers of the pages, each line once; those that programs write by themselves are numbers and names. */
export async function marginLinesOf(archive: Archive): Promise<string[]> {
  const bytes = await archive.read('styles.xml');
  const [xml] = (bytes && masterStyles.exec(xmlText(bytes))) ?? [];
  if (xml === undefined) return [];
  const styles = parseXml(xml, 'styles.xml');
  const lines = ['header', 'footer'].flatMap((kind) =>
    elements(styles, kind)
      .flatMap((one) => elements(one, 'p'))
      .filter(
        (line) => elements(line, 'sheet-name').length === 0 && elements(line, 'page-number').length === 0,
      )
      .map((line) => tidy(textIn(line)))
      .filter((line) => /\p{L}{2}/u.test(line))
      .map((line) => `[${kind}] ${line}`),
  );
  return [...new Set(lines)];
}
