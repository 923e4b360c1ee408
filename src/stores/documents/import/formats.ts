import { badInput } from '../../../errors.ts';
import { bsonDump } from './bson.ts';
import type { DocumentReader } from './document-reader.ts';
import { endings, formatOf, type TextEnding } from './endings.ts';
import { type FileBytes, type FileSource, openBytes } from './file-bytes.ts';
import { geoJson } from './geojson.ts';
import { json, jsonLines } from './json.ts';
import type { TableOptions } from './table.ts';
import { tableDocuments } from './table-documents.ts';
import { inUtf8, withTextTable } from './text-table.ts';

type Open = (bytes: FileBytes, options: TableOptions) => DocumentReader | Promise<DocumentReader>;

const table =
  (isTsv: boolean): Open =>
  (bytes, options) =>
    withTextTable(bytes, isTsv, options, (found) => tableDocuments(found, options));

const inText =
  (open: (bytes: FileBytes) => DocumentReader): Open =>
  async (bytes, { encoding }) =>
    open(await inUtf8(bytes, encoding));

const tables = { '.csv': table(false), '.tsv': table(true) } as const;
const tableFormats: Readonly<Partial<Record<string, Open>>> = tables;

const formats: Readonly<Partial<Record<string, Open>>> & Readonly<Record<TextEnding, Open>> = {
  '.json': inText(json),
  '.jsonl': inText(jsonLines),
  '.ndjson': inText(jsonLines),
  '.geojson': inText(geoJson),
  ...tables,
  '.bson': bsonDump,
};

/** Endings of formats that other programs turn into one of ours. */
const convertible: Readonly<Record<string, string>> = {
  '.xls': 'save it as .xlsx',
  '.xlsb': 'save it as .xlsx',
  '.numbers': 'export it as .xlsx or CSV',
  '.parquet': 'write it as CSV or JSON lines',
  '.zip': 'unpack it and import the folder',
};

async function refuse(source: FileSource, onBytes: (count: number) => void): Promise<never> {
  const { file } = source;
  // A mongodump archive is recognised by its first bytes and refused as such, whatever its name.
  for await (const _chunk of (await openBytes(source, onBytes)).read()) break;
  const advice = Object.entries(convertible).find(([ending]) => file.toLowerCase().endsWith(ending))?.[1];
  const known = `the ending must be one of ${endings.join(', ')}; those of text and .bson also with .gz`;
  throw badInput(
    `"${file}" cannot be imported: ${advice ?? `${known} (or set the delimiter with --delimiter)`}.`,
  );
}

/**
 * Opens a file by the ending of its name, with or without `.gz`. With a delimiter told, any other one is a table.
 * @param onBytes called with how much of the file on disk has been read
 * @throws HydrogenError `not_found`, `bad_input`, or `not_supported` for a mongodump archive
 */
export async function openReader(
  source: FileSource,
  options: TableOptions,
  onBytes: (count: number) => void,
): Promise<DocumentReader> {
  const { format } = formatOf(source.file);
  const isTable = format === undefined ? options.delimiter !== undefined : format in tableFormats;
  const open = isTable ? (tableFormats[format ?? '.csv'] ?? table(false)) : formats[format ?? ''];
  if (!open) return refuse(source, onBytes);
  if (Object.keys(options.types ?? {}).length > 0 && !isTable) {
    throw badInput(
      'Column types are for tables (CSV, TSV, spreadsheets): other formats carry their own types. In JSON, a date is {"$date":"2026-01-31T10:00:00Z"}, and Extended JSON writes others likewise; leave out --type.',
    );
  }
  return open(await openBytes(source, onBytes), options);
}
