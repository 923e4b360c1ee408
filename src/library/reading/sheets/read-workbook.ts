import type { Archive } from '../loaders/zip.ts';
import { odsSheets } from './ods-sheets.ts';
import type { SheetContent } from './sheet.ts';
import { xlsxSheets } from './xlsx-sheets.ts';

/** The sheets of a workbook, whatever program wrote it. */
export function readWorkbook(archive: Archive, type: 'xlsx' | 'ods'): Promise<SheetContent[]> {
  return type === 'xlsx' ? xlsxSheets(archive) : odsSheets(archive);
}
