import type { Archive } from '../loaders/zip.ts';
import { odsSheets } from './ods-sheets.ts';
import type { DocumentView, SheetContent } from './sheet.ts';
import { xlsxSheets } from './xlsx-sheets.ts';

/**
 * The sheets of a workbook, whatever program wrote it.
 * @param view for a document, which has more of them than the values of their cells
 */
export function readWorkbook(
  archive: Archive,
  type: 'xlsx' | 'ods',
  view?: DocumentView,
): Promise<SheetContent[]> {
  return type === 'xlsx' ? xlsxSheets(archive, view) : odsSheets(archive, view);
}
