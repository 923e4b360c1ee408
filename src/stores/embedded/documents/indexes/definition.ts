import { compileKeyValues, type Document, decode, type KeyValues } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';

export interface IndexField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** Properties of the values in a field of an index: bits of `Index.traits`. */
export const trait = {
  /** An array on the path: a document may have several entries. */
  array: 1,
  /** A value whose key does not say exactly how it compares (a symbol, an old binary, a date outside JavaScript's range). */
  inexact: 2,
} as const;

export interface Index {
  readonly id: number;
  readonly collection: number;
  readonly name: string;
  /** As MongoDB writes it: fields in order, 1 or -1. */
  readonly key: Document;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  /** One number per field; bits are only ever added. */
  traits: number[];
  /** Whether the entries of each key are counted (`counts.ts`). */
  counted: boolean;
  /** How many keys are counted, once known. */
  values?: number;
  readonly valuesOf: (document: Document) => KeyValues;
}

function indexOf(row: Record<string, unknown>): Index {
  const key = decode(row['key'] as Uint8Array);
  const fields = Object.keys(key).map(
    (path): IndexField => ({ path, direction: Number(key[path]) < 0 ? -1 : 1 }),
  );
  const name = String(row['name']);
  return {
    id: Number(row['id']),
    collection: Number(row['collection']),
    name,
    key,
    fields,
    unique: row['is_unique'] === 1,
    traits: JSON.parse(String(row['multikey'])) as number[],
    counted: row['counted'] === 1,
    valuesOf: compileKeyValues(
      fields.map(({ path }) => path),
      `The index "${name}" cannot hold a document with two different arrays in its fields ("parallel arrays"): ${fields.map(({ path }) => `"${path}"`).join(', ')}.`,
    ),
  };
}

/** Cached for a single operation: another process may create an index between two. */
const known = new WeakMap<Session, Map<number, Index[]>>();

/** The indexes of a collection, in order of creation. */
export function indexesOf(session: Session, collection: number): readonly Index[] {
  const collections = known.get(session) ?? new Map<number, Index[]>();
  known.set(session, collections);
  const there = collections.get(collection);
  if (there) return there;
  const rows = statement(session, 'SELECT * FROM indexes WHERE collection = ? ORDER BY id').all(collection);
  const found = rows.map(indexOf);
  collections.set(collection, found);
  return found;
}

/** Must be called when the indexes of a collection have changed. */
export function forgetIndexes(session: Session, collection: number): void {
  known.get(session)?.delete(collection);
}

/** The index on `_id` that every collection has: the keys of its documents. It has no row of its own. */
export function idIndexOf(collection: number): Index {
  return {
    id: 0,
    collection,
    name: '_id_',
    key: { _id: 1 },
    fields: [{ path: '_id', direction: 1 }],
    unique: true,
    traits: [0],
    counted: false,
    valuesOf: compileKeyValues(['_id'], ''),
  };
}
