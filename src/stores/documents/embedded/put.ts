import { ObjectId } from 'bson';
import { type Document, decode, encode, keyString } from '../../../mql/index.ts';
import type { Session } from '../../sqlite/operation.ts';
import type { InsertResult, Namespace } from '../document-store.ts';
import { findCollection } from './collections.ts';

export interface PutArguments extends Namespace {
  readonly documents: readonly Uint8Array[];
  readonly drop: boolean;
}

function withId(document: Document): Document {
  return Object.hasOwn(document, '_id') ? document : { _id: new ObjectId(), ...document };
}

function collectionId(session: Session, { database, collection }: Namespace): number {
  const found = findCollection(session, { database, collection });
  if (found) return found.id;
  const made = session.db
    .prepare('INSERT INTO collections (database, name) VALUES (?, ?)')
    .run(database, collection);
  return Number(made.lastInsertRowid);
}

/** Inserts or replaces by `_id`; runs in the transaction of its lane. */
export function put(session: Session, args: PutArguments): InsertResult {
  const { db, tick } = session;
  const collection = collectionId(session, args);
  if (args.drop) {
    db.prepare('DELETE FROM documents WHERE collection = ?').run(collection);
    db.prepare('UPDATE collections SET documents = 0, bytes = 0 WHERE id = ?').run(collection);
  }
  const existing = db.prepare('SELECT id, bson FROM documents WHERE collection = ? AND key = ?');
  const insert = db.prepare('INSERT INTO documents (collection, key, bson) VALUES (?, ?, ?)');
  const replace = db.prepare('UPDATE documents SET bson = ? WHERE id = ?');
  const result = { inserted: 0, replaced: 0, unchanged: 0 };
  let bytes = 0;
  for (const given of args.documents) {
    tick();
    const document = withId(decode(given));
    const bson = encode(document);
    const key = keyString(document['_id']);
    const there = existing.get(collection, key);
    const before = there?.['bson'] as Uint8Array | undefined;
    if (!before) {
      insert.run(collection, key, bson);
      result.inserted++;
    } else if (Buffer.compare(before, bson) === 0) {
      result.unchanged++;
    } else {
      replace.run(bson, Number(there?.['id']));
      result.replaced++;
    }
    bytes += bson.byteLength - (before?.byteLength ?? 0);
  }
  db.prepare('UPDATE collections SET documents = documents + ?, bytes = bytes + ? WHERE id = ?').run(
    result.inserted,
    bytes,
    collection,
  );
  return result;
}
