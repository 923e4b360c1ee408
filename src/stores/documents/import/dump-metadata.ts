import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Call } from '../../../call.ts';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, fromExtendedJson, stringifyExtendedJson } from '../../../mql/formats.ts';
import { openFile, readAll } from '../../../policy/safe-open.ts';
import type { DocumentStore, Namespace } from '../document-store.ts';

/** What a `.metadata.json` of mongodump says of a collection. */
export interface DumpMetadata {
  /** Its whole name: that of a file may be cut or escaped. */
  readonly collection?: string;
  /** "collection", "view" or "timeseries". */
  readonly type: string;
  readonly indexes: readonly Document[];
}

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Indexes of one collection: 64 at most. */
const maxMetadataBytes = 100_000_000;

async function bytesOf(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    return await readAll(file, maxMetadataBytes);
  } finally {
    await file.handle.close();
  }
}

/**
 * @param file its real path
 * @throws HydrogenError `bad_input` for a file that is no metadata of mongodump.
 */
export async function readMetadata(file: string): Promise<DumpMetadata> {
  try {
    const bytes = await bytesOf(file);
    const text = file.toLowerCase().endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
    const found = fromExtendedJson(text.toString('utf8'));
    if (!isObject(found)) throw new Error('no object');
    const { collectionName, type, indexes } = found;
    return {
      ...(typeof collectionName === 'string' && { collection: collectionName }),
      type: typeof type === 'string' ? type : 'collection',
      indexes: Array.isArray(indexes) ? indexes.filter(isObject) : [],
    };
  } catch (cause) {
    throw badInput(`"${file}" is not the metadata of mongodump.`, { cause });
  }
}

/** Parts of an index's entry that change nothing of what it does. */
const plain: readonly string[] = ['v', 'key', 'name', 'ns', 'unique', 'background'];
/** What may be left out of an index that is not unique: it finds the same documents without. */
const droppable: readonly string[] = ['sparse', 'hidden', 'expireAfterSeconds', 'partialFilterExpression'];

/**
 * Makes the indexes of a dumped collection. One that cannot be here does not stop the import.
 * @returns a line for each that was not made, or made differently
 */
export async function createIndexes(
  store: DocumentStore,
  namespace: Namespace,
  indexes: readonly Document[],
  call: Call,
): Promise<{ readonly created: number; readonly notes: string[] }> {
  const notes: string[] = [];
  let created = 0;
  for (const entry of indexes) {
    const { key, name, unique } = entry;
    if (!isObject(key) || typeof name !== 'string' || name === '_id_') continue;
    const extra = Object.keys(entry).filter((part) => !plain.includes(part));
    const shown = extra
      .map((part) => `${part} ${stringifyExtendedJson(entry[part], { relaxed: true })}`)
      .join(', ');
    if (extra.some((part) => unique === true || !droppable.includes(part))) {
      notes.push(`index "${name}" of ${namespace.collection} is not made: ${shown} is not supported.`);
      continue;
    }
    try {
      const made = await store.createIndex({ ...namespace, key, name, unique: unique === true }, call);
      if (made.created) created++;
      if (shown !== '') notes.push(`index "${name}" of ${namespace.collection} is made without ${shown}.`);
    } catch (error) {
      if (!(error instanceof HydrogenError) || ['cancelled', 'unavailable', 'timeout'].includes(error.code)) {
        throw error;
      }
      notes.push(`index "${name}" of ${namespace.collection} is not made: ${error.message}`);
    }
  }
  return { created, notes };
}
