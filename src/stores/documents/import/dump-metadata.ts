import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Call } from '../../../call.ts';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, fromExtendedJson, stringifyExtendedJson } from '../../../mql/formats.ts';
import { openFile, readAll } from '../../../policy/safe-open.ts';
import type { DocumentStore, Namespace } from '../document-store.ts';

/** What mongodump's `.metadata.json` says about a collection. */
export interface DumpMetadata {
  /** Its full name: the file's name may be truncated or escaped. */
  readonly collection?: string;
  /** "collection", "view" or "timeseries". */
  readonly type: string;
  readonly indexes: readonly Document[];
}

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Holds the indexes of one collection: 64 at most. */
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
 * @throws HydrogenError `bad_input` for a file that is not mongodump metadata.
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
    throw badInput(`"${file}" is not mongodump metadata.`, { cause });
  }
}

/** Parts of an index entry that do not affect what it does. */
const plain: readonly string[] = ['v', 'key', 'name', 'ns', 'unique', 'background'];
/** Options that a non-unique index can do without: it finds the same documents. */
const droppable: readonly string[] = ['sparse', 'hidden', 'expireAfterSeconds', 'partialFilterExpression'];

/**
 * Creates the indexes of a dumped collection. One that is not possible here does not stop the import.
 * @returns a line for each that was not created, or was created differently
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
      notes.push(`index "${name}" of ${namespace.collection} not created: ${shown} is not supported.`);
      continue;
    }
    try {
      const made = await store.createIndex({ ...namespace, key, name, unique: unique === true }, call);
      if (made.created) created++;
      if (shown !== '') notes.push(`index "${name}" of ${namespace.collection} created without ${shown}.`);
    } catch (error) {
      if (!(error instanceof HydrogenError) || ['cancelled', 'unavailable', 'timeout'].includes(error.code)) {
        throw error;
      }
      notes.push(`index "${name}" of ${namespace.collection} not created: ${error.message}`);
    }
  }
  return { created, notes };
}
