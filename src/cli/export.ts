import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { badInput, HydrogenError } from '../errors.ts';
import { locateOwnFiles, type OwnPaths } from '../policy/own-files.ts';
import {
  type ExportFormat,
  exportDocuments,
  exportFormats,
  exportNotes,
  type Sink,
} from '../stores/documents/export/export.ts';
import { writeWhole } from '../stores/documents/export/whole-file.ts';
import { emptyHint } from '../tools/common/hints.ts';
import { plural, queryArgument } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { jsonArgument, jsonHelp } from './json-argument.ts';
import { note, write, writeText } from './output.ts';
import { wholeNumber } from './values.ts';
import { inCommands } from './words.ts';

interface ExportFlags {
  readonly connection?: string;
  readonly database?: string;
  readonly format?: string;
  readonly out?: string;
  readonly fields?: string;
  readonly escapeFormulas?: boolean;
  readonly bom?: boolean;
  readonly projection?: string;
  readonly sort?: string;
  readonly limit?: string;
}

/** The named format, or the one implied by the file extension. */
function formatOf({ format, out }: ExportFlags): ExportFormat {
  if (format === undefined) return /\.csv(\.gz)?$/i.test(out ?? '') ? 'csv' : 'jsonl';
  const known = exportFormats.find((one) => one === format);
  if (known) return known;
  throw badInput(`--format is one of ${exportFormats.join(', ')}, not "${format}".`);
}

async function queryOption(name: string, text: string) {
  const value = await jsonArgument(name, text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return queryArgument(name, value as Record<string, unknown>);
  }
  throw badInput(`${name} must be a JSON object.`);
}

/** @throws HydrogenError `not_allowed` for a file of the server itself, such as its store. */
async function refuseOwn(out: string, paths: OwnPaths): Promise<void> {
  const folder = await realpath(dirname(out)).catch(() => dirname(out));
  if (!(await (await locateOwnFiles(paths)).holds(join(folder, basename(out))))) return;
  throw new HydrogenError(
    'not_allowed',
    `"${out}" is a Hydrogen server's own: its data, settings or secrets. Export into another file.`,
  );
}

async function exportData(
  collection: string,
  filter: string,
  flags: ExportFlags,
  command: Command,
): Promise<void> {
  const { connection, database, out, fields, escapeFormulas, bom, projection, sort, limit } = flags;
  const options = {
    format: formatOf(flags),
    ...(escapeFormulas && { escapeFormulas }),
    ...(bom && { bom }),
    ...(fields !== undefined && { fields: fields.split(',').map((field) => field.trim()) }),
  };
  const query = {
    collection,
    filter: await queryOption('the filter', filter),
    ...(projection !== undefined && { projection: await queryOption('--projection', projection) }),
    ...(sort !== undefined && { sort: await queryOption('--sort', sort) }),
    ...(limit !== undefined && { limit: wholeNumber('--limit', limit) }),
  };
  const { report, hint } = await runCommand(
    command,
    'Exporting',
    'read',
    async ({ connections, ownPaths }, call) => {
      const found = connections.get(connection);
      if (out !== undefined) await refuseOwn(out, ownPaths);
      const chosen = database ?? found.database;
      if (chosen === undefined)
        throw badInput('Name the database: this connection has no default (--database).');
      const produce = (sink: Sink) =>
        exportDocuments(found.store, { ...query, database: chosen }, options, sink, call);
      const report = await (out === undefined
        ? produce(writeText)
        : writeWhole(out, `"${out}"`, { replace: true, elsewhere: 'Give another --out.' }, produce));
      const none = report.documents === 0;
      const namespace = { collection, database: chosen };
      return { report, hint: none ? await emptyHint(found.store, namespace, query.filter, call) : '' };
    },
  );
  if (out !== undefined && wantsJson(command)) write(JSON.stringify(report));
  const place = out === undefined ? '' : ` into ${out}`;
  note(
    `${collection}: ${plural(report.documents, 'document')}, ${plural(report.bytes, 'byte')} exported${place}.${inCommands(hint)}`,
  );
  for (const line of exportNotes(report)) note(line);
}

const exportHelp = `
Formats: jsonl (Extended JSON, relaxed, a document a line), extended_json (canonical: every type is kept, and
\`hydrogen import\` gives back the same), csv (inner documents as dotted columns, lists as JSON).
A CSV holds texts as they are. One that begins with "=" or "@" may run as a formula when a spreadsheet program opens the
file; how many there are is said, and with --escape-formulas they get an apostrophe, which import does not take off.
Without --out it goes to stdout; --out FILE.gz is gzipped. It is written whole or not at all.`;

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('write documents of a collection to a file or stdout')
    .argument('<collection>')
    .argument('[filter]', 'JSON, Extended JSON for ids and dates', '{}')
    .option('--connection <name>', 'where from; default: as for find')
    .option('--database <name>')
    .option('--format <format>', 'jsonl, extended_json or csv; default: by --out, else jsonl')
    .option('--out <file>', 'replaced if it exists')
    .option('--fields <names>', 'columns of a CSV, separated by commas; default: all')
    .option(
      '--escape-formulas',
      "in a CSV for a spreadsheet program: put ' before texts that look like formulas",
    )
    .option('--bom', 'begin a CSV with a byte-order mark, by which Excel knows that it is UTF-8')
    .option('--projection <json>')
    .option('--sort <json>')
    .option('--limit <n>')
    .addHelpText('after', exportHelp)
    .addHelpText('after', jsonHelp)
    .action(exportData);
}
