import { basename, extname } from 'node:path';
import { z } from 'zod';
import { badInput, HydrogenError } from '../errors.ts';
import { locateOwnFiles } from '../policy/own-files.ts';
import { newFileIn } from '../policy/paths.ts';
import {
  type ExportReport,
  exportDocuments,
  exportFormats,
  exportNotes,
  type Sink,
} from '../stores/documents/export/export.ts';
import { type ExportEnding, endingOf, mimeTypes } from '../stores/documents/export/exports.ts';
import { timeInWords } from '../stores/documents/export/lifetime.ts';
import { writeWhole } from '../stores/documents/export/whole-file.ts';
import { filter, listOf, name, queryObject, target } from './common/arguments.ts';
import { defineTool, type ToolContext } from './common/define.ts';
import { emptyHint } from './common/hints.ts';
import { plural, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

interface Written {
  readonly report: ExportReport;
  /** Its location, for a message. */
  readonly place: string;
  /** Where a client reads it. */
  readonly uri?: string;
  /** Where a person opens it. */
  readonly address?: string | undefined;
}

type Produce = (sink: Sink) => Promise<ExportReport>;

/** @param name what a person would call the file */
async function writeLinked(
  name: string,
  ending: ExportEnding,
  produce: Produce,
  { exports, call, config }: ToolContext,
): Promise<Written> {
  const { id, result } = await exports.write(ending, produce, call);
  const address = await call.addressOf?.({ id, name });
  const time = timeInWords(config.keepExportsMs);
  // Many clients show a person only text.
  const place =
    address === undefined
      ? `the resource linked here, for ${time}`
      : `the resource linked here, and for a person at the address below, for ${time}`;
  return { report: result, place, uri: `hydrogen://exports/${id}`, address };
}

/** Excludes anything that a program or a browser would run when opened. */
const dataFile = /\.(jsonl|ndjson|json|csv|txt)(\.gz)?$/i;

const linkAdvice = 'Give another name, or leave "file" out to get a link.';

/** Never overwrites a file. */
async function writeNamed(
  file: string,
  ending: ExportEnding,
  produce: Produce,
  { config: { exportFolder }, ownPaths }: ToolContext,
): Promise<Written> {
  if (exportFolder === undefined) {
    throw new HydrogenError(
      'not_allowed',
      'This server has no folder to export into (setting "exportFolder"). Leave "file" out to get a link.',
    );
  }
  const name = extname(file) === '' ? `${file}.${ending}` : file;
  if (!dataFile.test(name)) {
    throw badInput(
      `"${name}" is not a data file: end it with .jsonl, .ndjson, .json, .csv or .txt, and .gz to gzip it.`,
    );
  }
  const path = await newFileIn(name, exportFolder);
  if (await (await locateOwnFiles(ownPaths)).holds(path)) {
    throw new HydrogenError('not_allowed', `"${name}" would be among this server's own files. ${linkAdvice}`);
  }
  const options = { replace: false, elsewhere: linkAdvice, isReal: true };
  const report = await writeWhole(path, `"${name}"`, options, produce);
  return { report, place: `"${name}" in the folder "${basename(exportFolder)}"` };
}

export const exportTool = defineTool({
  name: 'export',
  operation: 'read',
  leavesFile: true,
  title: 'Export documents',
  description:
    'Writes all matching documents to a file for the user and links it; for data too large for an answer. extended_json keeps every type.',
  lateAdvice: 'Export less at a time (a filter, a smaller limit) and try again.',
  input: z.strictObject({
    ...target,
    filter,
    projection: queryObject.optional(),
    sort: queryObject.optional(),
    limit: z.int().min(1).optional(),
    format: z.enum(exportFormats).default('jsonl'),
    fields: listOf(name, { min: 1, max: 1_000 }).optional().describe('CSV columns, dotted'),
    bom: z.boolean().optional().describe('CSV for Excel'),
    file: z.string().min(1).max(255).optional().describe("name in the server's export folder, if it has one"),
  }),
  async run({ format, fields, bom, file, limit, ...args }, context) {
    const { call } = context;
    const { store, namespace } = collectionOf(args, context);
    const { projection, sort } = args;
    const query = {
      ...namespace,
      filter: queryArgument('filter', args.filter),
      ...(projection && { projection: queryArgument('projection', projection) }),
      ...(sort && { sort: queryArgument('sort', sort) }),
      ...(limit !== undefined && { limit }),
    };
    const { maxExportBytes: maxBytes } = context.config;
    const produce: Produce = (sink) =>
      exportDocuments(
        store,
        query,
        { format, ...(fields && { fields }), ...(bom && { bom }), maxBytes },
        sink,
        call,
      );
    const ending = endingOf(format);
    const title = `${namespace.collection}.${ending}`;
    const { report, place, uri, address } = await (file === undefined
      ? writeLinked(title, ending, produce, context)
      : writeNamed(file, ending, produce, context));
    const { documents, bytes, cut, columns } = report;
    const notes = [
      `${plural(documents, 'document')} of "${namespace.collection}", ${plural(bytes, 'byte')} as ${format}, in ${place}.`,
      ...(columns ? [`${plural(columns.length, 'column')}.`] : []),
      ...(cut
        ? [
            `More remain: an export holds ${maxBytes.toLocaleString('en')} bytes. Narrow the filter or the fields.`,
          ]
        : []),
      ...exportNotes(report),
    ];
    const hint = documents === 0 ? await emptyHint(store, namespace, query.filter, call) : '';
    return {
      summary: `${notes.join(' ')}${hint}${address === undefined ? '' : `\n${address}`}`,
      rows: [],
      ...(uri !== undefined && {
        links: [{ uri, name: title, mimeType: mimeTypes[ending], size: bytes }],
      }),
    };
  },
});
