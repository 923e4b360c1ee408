import type { DatabaseSync } from 'node:sqlite';
import { decode, encode, keyString } from '../../src/mql/index.ts';
import { indexesOf } from '../../src/stores/embedded/documents/indexes/definition.ts';
import { entriesOf } from '../../src/stores/embedded/documents/indexes/keys.ts';
import { fieldsOf } from '../../src/stores/embedded/documents/pushdown/fields.ts';
import type { Session } from '../../src/stores/embedded/engine/session.ts';

type Bytes = Uint8Array | null;

const hex = (bytes: Bytes): string => (bytes === null ? 'null' : Buffer.from(bytes).toString('hex'));

function same(what: string, found: Bytes, wanted: Bytes): void {
  if (hex(found) !== hex(wanted)) throw new Error(`${what} does not agree with its document`);
}

function session(db: DatabaseSync): Session {
  return { db, tick() {}, progress() {}, memory: new Map() };
}

/** @returns how many entries an index has, all of which are wanted */
function checkEntries(
  db: DatabaseSync,
  { id, unique }: { readonly id: number; readonly unique: boolean },
  wanted: ReadonlySet<string>,
  what: string,
): number {
  const rows = db.prepare('SELECT key, document FROM index_entries WHERE index_id = ?').all(id);
  const found = rows.map((row) => `${hex(row['key'] as Uint8Array)} ${row['document']}`);
  const foreign = found.filter((entry) => !wanted.has(entry)).length;
  if (foreign > 0 || found.length !== wanted.size)
    throw new Error(`${what} has ${found.length} entries (${foreign} foreign), not ${wanted.size}`);
  const keys = new Set(rows.map((row) => hex(row['key'] as Uint8Array)));
  if (unique && keys.size < rows.length) throw new Error(`${what} has a value twice`);
  return found.length;
}

/**
 * Whether everything that is kept beside the documents of a file agrees with them: keys, the projection for
 * SQL, the counts of the collections, the entries of all indexes; and whether unique indexes hold.
 * @throws Error saying what does not
 */
export function checkDocuments(db: DatabaseSync): { documents: number; entries: number } {
  const seen = { documents: 0, entries: 0 };
  const reading = session(db);
  for (const collection of db.prepare('SELECT id, name, documents, bytes FROM collections').all()) {
    const id = Number(collection['id']);
    const name = String(collection['name']);
    const indexes = indexesOf(reading, id).map((index) => ({ index, wanted: new Set<string>() }));
    const counted = { documents: 0, bytes: 0 };
    for (const row of db
      .prepare('SELECT id, key, bson, fields FROM documents WHERE collection = ?')
      .all(id)) {
      const bson = row['bson'] as Uint8Array;
      const document = decode(bson);
      same(`the BSON of ${name}`, encode(document), bson);
      same(`a key of ${name}`, row['key'] as Uint8Array, keyString(document['_id']));
      same(`the projection of ${name}`, row['fields'] as Bytes, fieldsOf(document));
      counted.documents++;
      counted.bytes += bson.byteLength;
      for (const { index, wanted } of indexes)
        for (const key of entriesOf(index, document).keys) wanted.add(`${hex(key)} ${row['id']}`);
    }
    if (counted.documents !== collection['documents'] || counted.bytes !== collection['bytes'])
      throw new Error(`${name} counts ${collection['documents']} documents and has ${counted.documents}`);
    seen.documents += counted.documents;
    for (const { index, wanted } of indexes)
      seen.entries += checkEntries(db, index, wanted, `the index ${index.name} of ${name}`);
  }
  const orphans = db
    .prepare('SELECT count(*) AS n FROM index_entries WHERE index_id NOT IN (SELECT id FROM indexes)')
    .get()?.['n'];
  if (orphans !== 0) throw new Error(`${orphans} entries of an index that is not there`);
  return seen;
}
