import { Unreadable } from '../loaders/loader.ts';
import { openPackage } from '../loaders/office/package.ts';
import { elements, xmlAttribute, xmlText } from '../loaders/xml.ts';
import type { Archive } from '../loaders/zip.ts';
import type { DocumentView, SheetContent } from './sheet.ts';
import { asideElements, xlsxAside } from './xlsx-aside.ts';
import { readCells, sharedStrings, type WorkbookContext } from './xlsx-cells.ts';
import { xlsxStyles } from './xlsx-styles.ts';

/** Kinds of sheets that may hold anything; a chart may stand on a sheet of its own. */
const sheetTypes = ['worksheet', 'chartsheet', 'dialogsheet', 'xlMacrosheet'] as const;

/**
 * The sheets of an XLSX file in their order, with the values that were last calculated. A sheet that is a chart alone is
 * one only for a document.
 * @throws Unreadable for a damaged one
 */
export async function xlsxSheets(archive: Archive, view?: DocumentView): Promise<SheetContent[]> {
  const parts = await openPackage(archive, /(sheet|template)\.(macroEnabled\.)?main/i, 'xl/workbook.xml');
  if (/\.bin$/i.test(parts.main)) throw new Unreadable('a binary workbook (.xlsb): save it as .xlsx');
  const root = await parts.part(parts.main);
  if (root === undefined) throw new Unreadable(`damaged: no ${parts.main}`);
  const textOf = async (part: string): Promise<string | undefined> => {
    const bytes = await parts.read(part);
    return bytes && xmlText(bytes);
  };
  const [stringsPart = 'xl/sharedStrings.xml'] = await parts.partsOf(parts.main, 'sharedStrings');
  const [stylesPart = 'xl/styles.xml'] = await parts.partsOf(parts.main, 'styles');
  const strings = await textOf(stringsPart);
  const styles = await parts.part(stylesPart);
  const since1904 = elements(root, 'workbookPr').some(({ attributes }) =>
    /^(1|true)$/.test(attributes['date1904'] ?? ''),
  );
  const context: WorkbookContext = {
    strings: strings === undefined ? [] : sharedStrings(strings),
    styles: styles === undefined ? [] : xlsxStyles(styles, since1904, view),
    since1904,
  };
  const byType = await Promise.all(
    sheetTypes.slice(0, view ? undefined : 1).map((type) => parts.partsOf(parts.main, type)),
  );
  const known = new Set(byType.flat());
  const sheets: SheetContent[] = [];
  for (const sheet of elements(root, 'sheet')) {
    const part = await parts.partOf(parts.main, xmlAttribute(sheet, 'id') ?? '');
    const xml = part !== undefined && known.has(part) ? await textOf(part) : undefined;
    if (part === undefined || xml === undefined) continue;
    const { writer, merged, found } = readCells(
      sheet.attributes['name'] ?? '',
      xml,
      context,
      view ? asideElements : new Set(),
    );
    sheets.push(writer.content(merged, view && (await xlsxAside(parts, part, found))));
  }
  if (sheets.length === 0) throw new Unreadable('damaged: it has no sheet');
  return sheets;
}
