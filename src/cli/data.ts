import type { Command } from 'commander';
import type { Call } from '../call.ts';
import { badInput } from '../errors.ts';
import type { DocumentStore, Namespace } from '../stores/documents/document-store.ts';
import type { ColumnReport } from '../stores/documents/import/document-reader.ts';
import type { ImportedFile } from '../stores/documents/import/import-path.ts';
import { plural } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { registerExport } from './export.ts';
import { note, write } from './output.ts';

interface ImportFlags {
  readonly connection: string;
  readonly database?: string;
  readonly drop: boolean;
  readonly upsert?: string;
  readonly type: readonly string[];
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

/** Describes the inferred type of a column, and what to do about values that do not fit. */
function columnLine({ field, type, filled, mostly, odd, example }: ColumnReport): string {
  const such = example ? `, e.g. "${example.text}" in row ${example.row}` : '';
  const count = `${odd.toLocaleString('en')} of ${filled.toLocaleString('en')}`;
  if (mostly !== undefined) {
    return `  ${field}: ${type}, since ${count} are not ${mostly}${such} (--type ${field}=${mostly} keeps only those as text)`;
  }
  return `  ${field}: ${type}${odd > 0 ? `; ${count} are not, and stay text${such}` : ''}`;
}

const number = (value: number): string => value.toLocaleString('en');

function report(file: ImportedFile, name: string): void {
  const { inserted, replaced, unchanged, indexes, columns = [], notes } = file;
  const made = indexes > 0 ? `, ${plural(indexes, 'index', 'indexes')} made` : '';
  write(
    `${name}: ${plural(inserted, 'document')} inserted, ${number(replaced)} replaced, ${number(unchanged)} unchanged${made}.`,
  );
  if (inserted + replaced + unchanged === 0) note('  the file holds no documents');
  for (const column of columns) note(columnLine(column));
  for (const line of notes) note(`  ${line}`);
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

async function importData(
  first: string,
  second: string | undefined,
  { connection, database, drop, upsert, type }: ImportFlags,
  command: Command,
): Promise<void> {
  const path = second ?? first;
  const { importPath } = await import('../stores/documents/import/import-path.ts');
  const options = { drop, types: typesOf(type), ...(upsert !== undefined && { upsertKey: upsert }) };
  const result = await runCommand(
    command,
    'Importing',
    drop ? 'destroy' : 'write',
    async ({ connections, ownPaths }, call) => {
      const { store, database: fallback } = connections.get(connection);
      const to = { database, fallback, collection: second === undefined ? undefined : first };
      const report = await importPath(store, path, to, { ...options, own: ownPaths }, call);
      for (const file of upsert === undefined ? [] : report.imported) {
        if (await hasKey(store, file, upsert ?? '', call)) continue;
        note(`${file.collection}: no document has a value at "${upsert}" (--upsert): all matched by _id.`);
      }
      return report;
    },
  );
  const { imported, skipped, failed } = result;
  if (failed.length > 0) process.exitCode = exitCodes.badInput;
  if (wantsJson(command)) {
    write(JSON.stringify(result));
    return;
  }
  const alone = imported.length === 1 && failed.length === 0;
  for (const file of imported) {
    report(file, alone ? file.collection : `${file.database}.${file.collection}`);
  }
  for (const { path, reason } of skipped) note(`skipped ${path}: ${reason}`);
  for (const { path, reason } of failed) note(`failed ${path}: ${reason}`);
}

const importHelp = `
COLLECTION may be left out: a file is then imported into the collection of its name, and each file of a folder
into one of its own. A folder of mongodump is imported with its databases, collections and indexes.

Formats: .json (an array, or documents), .jsonl and .ndjson (a document a line), each with Extended JSON;
.csv and .tsv (the header names the fields); .bson (mongodump); all also with .gz.

Types of a CSV's columns are inferred from all its rows and reported; a column that is mixed stays text unless
--type says otherwise: string, int, long, double, decimal, boolean, date, objectId.

A document without _id gets one from its content, so that an import can be repeated without doubling anything.
An interrupted import leaves whole documents only.`;

/** The commands that import and export data. */
export function registerData(program: Command): void {
  program
    .command('import')
    .description('read a file or folder (JSON, JSON lines, CSV, TSV, mongodump) into collections')
    .argument('<collection-or-path>')
    .argument('[file]')
    .option('--connection <name>', 'where to', 'embedded')
    .option('--database <name>', 'default: that of a dump, else that of the connection')
    .option('--drop', 'empty the collection first, once the file has been read without an error', false)
    .option('--upsert <key>', 'replace the document with the same value of this field, not of _id')
    .option(
      '--type <column=type>',
      'type of a CSV column; may be repeated',
      (pair: string, all: string[]) => [...all, pair],
      [],
    )
    .addHelpText('after', importHelp)
    .action(importData);
  registerExport(program);
}
