import { badInput } from '../../../errors.ts';
import { compileKeyValues, type Document, decode, equals, hashKey } from '../../../mql/index.ts';
import { pastPrefix } from '../../documents/analysis/ranges.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { indexesOf, trait } from './indexes/definition.ts';
import { fieldKey } from './indexes/keys.ts';

export interface StoredRow {
  readonly row: number;
  readonly bson: Uint8Array;
}

/** Finds documents of a collection by the value of one field. */
export interface UpsertLookup {
  /** The value in an incoming document; `undefined` when it has none, or null. */
  valueIn(document: Document): unknown;
  find(value: unknown): StoredRow | undefined;
  /** Reports a document that has been inserted. */
  added(value: unknown, row: number): void;
  /** Lets the next call on this thread reuse what was read, if nothing else changes in the meantime. */
  keep(): void;
}

/** The rows by their values, and the state of the file in which they are valid. */
interface CachedRows {
  readonly collection: number;
  readonly path: string;
  readonly rows: Map<string | number, number>;
  state: string;
}

const memoryKey = 'upsert rows';

/** Changes with every write on this connection, and with every commit of another. */
function fileState(session: Session): string {
  const changes = statement(session, 'SELECT total_changes() AS n').get()?.['n'];
  const version = statement(session, 'PRAGMA data_version').get()?.['data_version'];
  return `${String(changes)} ${String(version)}`;
}

const parallel = 'A document has several arrays on the path of the key.';

/** @throws HydrogenError `bad_input`, from `valueIn`, for a document whose value is an array */
export function upsertLookup(session: Session, collection: number, path: string): UpsertLookup {
  const valuesOf = compileKeyValues([path], parallel);
  const valueIn = (document: Document): unknown => {
    const { single } = valuesOf(document);
    if (single === undefined) {
      throw badInput(`A document has an array at "${path}". The key to upsert by must be a single value.`);
    }
    return single[0] ?? undefined;
  };
  const read = (row: number | undefined): StoredRow | undefined => {
    if (row === undefined) return undefined;
    const found = statement(session, 'SELECT bson FROM documents WHERE id = ?').get(row);
    return found && { row, bson: found['bson'] as Uint8Array };
  };
  const index = indexesOf(session, collection).find(
    ({ fields, traits }) => fields[0]?.path === path && ((traits[0] ?? 0) & trait.inexact) === 0,
  );
  if (index) {
    const direction = index.fields[0]?.direction ?? 1;
    const sql = 'SELECT min(document) AS row FROM index_entries WHERE index_id = ? AND key >= ? AND key < ?';
    return {
      valueIn,
      find(value) {
        const key = fieldKey(value, direction);
        const row = statement(session, sql).get(index.id, key, pastPrefix(key))?.['row'];
        return read(row === null ? undefined : Number(row));
      },
      added() {},
      keep() {},
    };
  }
  const cached = rowsByValue(session, collection, path);
  return {
    valueIn,
    find(value) {
      const found = read(cached.rows.get(hashKey(value)));
      // A row may have changed since it was recorded, by an earlier document of the same series.
      const holds = found && [...valuesOf(decode(found.bson)).all()].some(([item]) => equals(item, value));
      return holds ? found : undefined;
    },
    added: (value, row) => cached.rows.set(hashKey(value), row),
    keep() {
      session.memory.set(memoryKey, { ...cached, state: fileState(session) });
    },
  };
}

/** Without an index all documents are read, once for a series of calls. */
function rowsByValue(session: Session, collection: number, path: string): CachedRows {
  const { db, memory, tick } = session;
  const cached = memory.get(memoryKey) as CachedRows | undefined;
  memory.delete(memoryKey);
  if (cached?.collection === collection && cached.path === path && cached.state === fileState(session))
    return cached;
  const valuesOf = compileKeyValues([path], parallel);
  const rows = new Map<string | number, number>();
  const stored = db.prepare('SELECT id, bson FROM documents WHERE collection = ? ORDER BY id');
  for (const row of stored.iterate(collection)) {
    tick();
    for (const [value] of valuesOf(decode(row['bson'] as Uint8Array)).all()) {
      const hash = hashKey(value);
      if (value !== null && value !== undefined && !rows.has(hash)) rows.set(hash, Number(row['id']));
    }
  }
  return { collection, path, rows, state: '' };
}
