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

/** The name without the endings that tell the format, and that format. */
export function formatOf(file: string): { readonly name: string; readonly format?: string } {
  const unpacked = basename(file).replace(/\.gz$/i, '');
  const format = Object.keys(formats).find((ending) => unpacked.toLowerCase().endsWith(ending));
  if (format === undefined || unpacked.length === format.length) return { name: unpacked };
  return { name: unpacked.slice(0, -format.length), format };
}

/**
 * Opens a file by the ending of its name, `.gz` behind it or not.
 * @param types of the columns of a CSV or TSV file
 * @param onBytes is told how much of the file has been read, as it lies on the disk
 * @throws HydrogenError `not_found`, `bad_input`, or `not_supported` for an archive of mongodump
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
    // An archive of mongodump is refused by its own name, whatever the file's is: its first bytes tell.
    for await (const _chunk of (await openBytes(source, onBytes)).read()) break;
    const endings = Object.keys(formats).join(', ');
    throw badInput(
      `"${file}" cannot be imported: the ending must be one of ${endings}, each alone or with .gz.`,
    );
  }
  if (Object.keys(types).length > 0 && format !== '.csv' && format !== '.tsv') {
    throw badInput('Types of columns are for CSV and TSV: other formats say their types themselves.');
  }
  return open(await openBytes(source, onBytes), types);
}
