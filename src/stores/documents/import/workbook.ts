import type { Call } from '../../../call.ts';
import { badInput } from '../../../errors.ts';
import { similarNames } from '../../../similar-names.ts';
import type { DocumentReader } from './document-reader.ts';
import type { Table, TableOptions, TableRow } from './table.ts';
import { tableDocuments } from './table-documents.ts';

/** A sheet of a workbook; rows without a value are left out. */
export interface Sheet {
  readonly name: string;
  readonly rows: readonly TableRow[];
  readonly notes: readonly string[];
}

/** Reads the sheets of the workbook at a real path. */
export type ReadSheets = (path: string, call: Call) => Promise<readonly Sheet[]>;

/** Rows in which the header is looked for. */
const sampleLength = 200;

/** A sheet to import, and the collection that its name makes. */
export interface ChosenSheet {
  readonly sheet: Sheet;
  readonly collection: string;
}

/**
 * The sheets to import: each becomes a collection of its name, or of the file's where it is the only one.
 * @param file its path as the caller gave it
 * @param requested the sheet that was asked for
 * @param isNamed the collection is told: only one sheet may go there
 * @throws HydrogenError `bad_input` for a sheet that is not there, or a choice that is missing
 */
export function chooseSheets(
  file: string,
  all: readonly Sheet[],
  target: string,
  { requested, isNamed }: { readonly requested: string | undefined; readonly isNamed: boolean },
): readonly ChosenSheet[] {
  const sheets = all.filter(({ rows }) => rows.length > 0);
  const names = sheets.map(({ name }) => name);
  const listed = names.map((name) => `"${name}"`).join(', ');
  if (sheets.length === 0) throw badInput(`"${file}" holds no values.`);
  const chosen = requested === undefined ? sheets : sheets.filter(({ name }) => name === requested);
  if (chosen.length === 0) {
    const [similar] = similarNames(requested ?? '', names);
    const hint = similar === undefined ? `it has ${listed}` : `did you mean "${similar}"?`;
    throw badInput(`"${file}" has no sheet "${requested}" with values: ${hint}.`.replace('?.', '?'));
  }
  if (isNamed && chosen.length > 1) {
    throw badInput(
      `"${file}" has ${chosen.length} sheets (${listed}): choose one with --sheet, or leave out the collection to import each into its own.`,
    );
  }
  return chosen.map((sheet) => ({
    sheet,
    collection: isNamed || sheets.length === 1 ? target : sheet.name,
  }));
}

export function sheetDocuments({ rows, notes }: Sheet, options: TableOptions): Promise<DocumentReader> {
  const table: Table = {
    unit: 'row',
    isTyped: true,
    sample: rows.slice(0, sampleLength),
    async *rows() {
      yield rows;
    },
    notes,
  };
  return tableDocuments(table, options);
}
