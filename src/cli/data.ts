import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Call } from '../call.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { DocumentStore, Namespace } from '../stores/documents/document-store.ts';
import { runCommand, wantsJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { registerExport } from './export.ts';
import { reportImport } from './import-report.ts';
import { note, write } from './output.ts';

interface ImportFlags {
  readonly connection: string;
  readonly database?: string;
  readonly drop: boolean;
  readonly upsert?: string;
  readonly type: readonly string[];
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly decimal?: string;
  readonly thousands?: string;
  readonly dateFormat?: string;
  readonly keepDots: boolean;
  readonly header?: boolean;
  readonly sheet?: string;
}

/** Pairs such as `year=int` as an object. */
function typesOf(pairs: readonly string[]): Record<string, string> {
  const types: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    if (at < 1) throw badInput(`--type takes COLUMN=TYPE, not "${pair}".`);
    types[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return types;
}

function decimalOf(mark: string | undefined): '.' | ',' | undefined {
  if (mark === undefined || mark === '.' || mark === ',') return mark;
  throw badInput(`--decimal takes "." or ",", not "${mark}".`);
}

/** Whether any document of the collection has the upsert key: if none does, it may be misspelt. */
async function hasKey(
  store: DocumentStore,
  { database, collection }: Namespace,
  key: string,
  call: Call,
): Promise<boolean> {
  const query = { database, collection, filter: { [key]: { $ne: null } }, projection: { _id: 1 } };
  const { documents } = await store.find({ ...query, skip: 0, limit: 1, maxBytes: 1_000_000 }, call);
  return documents.length > 0;
}

/**
 * Whether an argument is a path rather than the name of a collection: it is written as one, and something is there.
 * @throws HydrogenError `not_found` where nothing is there, and it can hardly be a name
 */
async function isPath(argument: string): Promise<boolean> {
  const isThere = await stat(argument).then(
    () => true,
    () => false,
  );
  const hasFolder = /[\\/]/.test(argument);
  if (isThere) return hasFolder || extname(argument) !== '';
  const { formatOf } = await import('../stores/documents/import/endings.ts');
  if (!hasFolder && formatOf(argument).format === undefined) return false;
  throw new HydrogenError(
    'not_found',
    `There is no file or folder "${argument}". Check the path: a relative one begins in the command's folder. (The name of a collection has no slash and no ending of a file.)`,
  );
}

async function importData(
  first: string,
  files: readonly string[],
  flags: ImportFlags,
  command: Command,
): Promise<void> {
  const {
    connection,
    database,
    drop,
    upsert,
    type,
    encoding,
    delimiter,
    thousands,
    dateFormat,
    keepDots,
    header,
    sheet,
  } = flags;
  const isNamed = files.length > 0 && !(await isPath(first));
  const paths = isNamed ? files : [first, ...files];
  const decimal = decimalOf(flags.decimal);
  const { importPaths } = await import('../stores/documents/import/import-path.ts');
  const { createWorkbooks } = await import('../library/reading/sheets/workbooks.ts');
  const workbooks = createWorkbooks();
  const options = {
    drop,
    types: typesOf(type),
    keepDots,
    ...(upsert !== undefined && { upsertKey: upsert }),
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(decimal !== undefined && { decimal }),
    ...(thousands !== undefined && { thousands }),
    ...(dateFormat !== undefined && { dateFormat }),
    ...(header !== undefined && { header }),
    ...(sheet !== undefined && { sheet }),
  };
  const result = await runCommand(
    command,
    'Importing',
    drop ? 'destroy' : 'write',
    async ({ connections, ownPaths }, call) => {
      const { store, database: fallback } = connections.get(connection);
      const to = { database, fallback, collection: isNamed ? first : undefined };
      const given = { ...options, own: ownPaths, readSheets: workbooks.sheets };
      const report = await importPaths(store, paths, to, given, call);
      for (const file of upsert === undefined ? [] : report.imported) {
        if (await hasKey(store, file, upsert ?? '', call)) continue;
        note(`${file.collection}: no document has a value at "${upsert}" (--upsert): all matched by _id.`);
      }
      return { report, defaultConnection: connections.get().name };
    },
  ).finally(() => workbooks.close());
  const { failed, imported } = result.report;
  if (failed.length > 0 || imported.some(({ refused = 0 }) => refused > 0))
    process.exitCode = exitCodes.badInput;
  if (wantsJson(command)) write(JSON.stringify(result.report));
  else reportImport(result.report, drop);
  if (result.defaultConnection !== connection && imported.length > 0) {
    note(
      `They are in the connection "${connection}"; where none is named, "${result.defaultConnection}" is asked. Name it: --connection ${connection}, for a client "connection".`,
    );
  }
}

const importHelp = `
COLLECTION may be left out: a file is then imported into the collection of its name, and each file of a folder
into one of its own; folders inside it are skipped, and said. A folder of mongodump is imported with its databases, collections and indexes. Each sheet of
a workbook becomes a collection of its name; a single one, that of the file.

Formats: .json (an array, or documents), .jsonl and .ndjson (a document a line), each with Extended JSON; .geojson
(a document a feature); .csv and .tsv (the header names the fields); .bson (mongodump); all also with .gz. .xlsx
and .ods (spreadsheets).

Encoding, delimiter and header of a CSV are found by its content, and said where they are not the usual ones.
Columns without a name are column_3 (by their place), repeated ones name_2. Short and long rows are kept and
counted, and stray quotation marks, too, unless text follows a quoted part: "q"z is qz.

Types of a CSV's columns are inferred from all its rows and reported; a column that is mixed stays text unless
--type says otherwise: string, int, long, double, decimal, boolean, date, objectId. No value is changed: what no
number holds exactly, leading zeros and thousands separators (without --thousands) stay text; beside columns with
decimal commas, so do numbers such as 1.200. --thousands . reads 1.200 as 1200, and 3,50 as 3.5. Cells of a
spreadsheet keep their types.

--date-format reads dates that are not ISO 8601: %d day, %m month, %Y year with four digits, %b Jan, %H %M %S the
time, %z an offset such as +0100; without one it is UTC. Columns of text whose values all fit become dates. A date
that no month has, such as 31.02.2026, stays text.

Importing a file again with other options adds its rows a second time: --drop removes those of an earlier import,
and all else in the collection.

A document of JSON with a number that no type holds is refused, and named with its field; the others are imported.

A document without _id gets one from its content, so that an import can be repeated without doubling anything.
An interrupted import leaves whole documents only.`;

/** The commands that import and export data. */
export function registerData(program: Command): void {
  program
    .command('import')
    .description(
      'read files or folders (JSON, JSON lines, CSV, TSV, XLSX, ODS, GeoJSON, mongodump) into collections',
    )
    .argument('<collection-or-path>')
    .argument('[files...]')
    .option('--connection <name>', 'where to', 'embedded')
    .option('--database <name>', 'default: that of a dump, else that of the connection')
    .option('--drop', 'empty the collection first, once the file has been read without an error', false)
    .option('--upsert <key>', 'replace the document with the same value of this field, not of _id')
    .option(
      '--type <column=type>',
      'type of a column of a table; may be repeated',
      (pair: string, all: string[]) => [...all, pair],
      [],
    )
    .option('--encoding <name>', 'of text files, such as windows-1252; default: found by the content')
    .option('--delimiter <character>', 'between the cells of a CSV, or "tab"; default: found by the content')
    .option('--decimal <mark>', 'before the fraction of numbers in a CSV: "." or ","')
    .option(
      '--thousands <mark>',
      'between groups of three digits in a CSV: ".", ",", "\'" or a space; default: none, never guessed',
    )
    .option(
      '--date-format <format>',
      'of dates that are not ISO 8601, such as %d.%m.%Y, or "%m/%d/%Y %H:%M" (in UTC)',
    )
    .option(
      '--keep-dots',
      'keep dots in names of columns; otherwise a.b is the field b of a nested document',
      false,
    )
    .option('--header', 'the first row names the columns')
    .option('--no-header', 'the first row is data; default: found by the content')
    .option('--sheet <name>', 'the sheet of a workbook; default: all')
    .addHelpText('after', importHelp)
    .action(importData);
  registerExport(program);
}
