import { type Document, decode, keyString } from '../../../mql/index.ts';
import type { Session } from '../../sqlite/operation.ts';

export interface StoredDocument {
  /** Order of insertion; never used again after a removal. */
  readonly row: number;
  readonly document: Document;
  /** Of BSON. */
  readonly bytes: number;
}

function stored(row: Record<string, unknown>): StoredDocument {
  const bson = row['bson'] as Uint8Array;
  return { row: Number(row['id']), document: decode(bson), bytes: bson.byteLength };
}

/** The value that `_id` must equal, when the filter says so plainly; an object may hold operators. */
function plainId(filter: Document): { id: unknown } | undefined {
  const id = Object.hasOwn(filter, '_id') ? filter['_id'] : undefined;
  if (id === undefined || id === null || id instanceof RegExp || Array.isArray(id)) return undefined;
  if (typeof id === 'object' && Object.getPrototypeOf(id) === Object.prototype) return undefined;
  if (typeof id === 'object' && '_bsontype' in id && id['_bsontype'] === 'BSONRegExp') return undefined;
  return { id };
}

/**
 * Documents in order of insertion that may match: all, or the one whose `_id` the filter names. The caller
 * still applies the filter.
 */
export function* candidates(
  { db, tick }: Session,
  collection: number,
  filter: Document,
  afterRow = 0,
): Generator<StoredDocument> {
  const wanted = plainId(filter);
  const rows = wanted
    ? db
        .prepare('SELECT id, bson FROM documents WHERE collection = ? AND key = ? AND id > ?')
        .iterate(collection, keyString(wanted.id), afterRow)
    : db
        .prepare('SELECT id, bson FROM documents WHERE collection = ? AND id > ? ORDER BY id')
        .iterate(collection, afterRow);
  for (const row of rows) {
    tick();
    yield stored(row);
  }
}
