import { basename } from 'node:path';
import { badInput } from '../../../errors.ts';
import { bsonDump } from './bson.ts';
import { csv } from './csv.ts';
import type { DocumentReader } from './document-reader.ts';
import { type FileBytes, type FileSource, openBytes } from './file-bytes.ts';
import { json, jsonLines } from './json.ts';

type Types = Readonly<Record<string, string>>;
type Open = (bytes: FileBytes, types: Types) => DocumentReader | Promise<DocumentReader>;

const formats: Readonly<Record<string, Open>> = {
  '.json': json,
  '.jsonl': jsonLines,
  '.ndjson': jsonLines,
  '.csv': (bytes, types) => csv(bytes, false, types),
  '.tsv': (bytes, types) => csv(bytes, true, types),
  '.bson': bsonDump,
};

/** The name without the endings that indicate the format, and that format. */
export function formatOf(file: string): { readonly name: string; readonly format?: string } {
  const unpacked = basename(file).replace(/\.gz$/i, '');
  const format = Object.keys(formats).find((ending) => unpacked.toLowerCase().endsWith(ending));
  if (format === undefined || unpacked.length === format.length) return { name: unpacked };
  return { name: unpacked.slice(0, -format.length), format };
}

/**
 * Opens a file by the ending of its name, with or without `.gz`.
 * @param types of the columns of a CSV or TSV file
 * @param onBytes called with how much of the file on disk has been read
 * @throws HydrogenError `not_found`, `bad_input`, or `not_supported` for a mongodump archive
 */
export async function openReader(
  source: FileSource,
  types: Types,
  onBytes: (count: number) => void,
): Promise<DocumentReader> {
  const { file } = source;
  const { format } = formatOf(file);
  const open = format === undefined ? undefined : formats[format];
  if (!open) {
    // A mongodump archive is recognised by its first bytes and refused as such, whatever its name.
    for await (const _chunk of (await openBytes(source, onBytes)).read()) break;
    const endings = Object.keys(formats).join(', ');
    throw badInput(
      `"${file}" cannot be imported: the ending must be one of ${endings}, each alone or with .gz.`,
    );
  }
  if (Object.keys(types).length > 0 && format !== '.csv' && format !== '.tsv') {
    throw badInput('Column types are for CSV and TSV: other formats carry their own types.');
  }
  return open(await openBytes(source, onBytes), types);
}
