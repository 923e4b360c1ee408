import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, encode, keyString, stringifyExtendedJson, typeName } from '../../../mql/index.ts';
import type { Namespace } from '../../documents/document-store.ts';
import { assertNewNames } from '../../documents/names.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { findCollection } from './collections.ts';
import { noteAllRemoved, noteChange, unfollow } from './follow.ts';
import { dropCounts } from './indexes/counts.ts';
import { forgetIndexes, indexesOf } from './indexes/definition.ts';
import { updateEntries } from './indexes/entries.ts';
import { dropIndex } from './indexes/manage.ts';
import { fieldsOf } from './pushdown/fields.ts';

// The only place that writes documents. Everything stored alongside a document changes with it here: the counts of its
// collection, the projection for SQL, the index entries, and the changes that followers read.

/** MongoDB's limit for a document, in bytes of BSON. */
const maxDocumentBytes = 16 * 1024 * 1024;

const SQLITE_CONSTRAINT_UNIQUE = 2067;

/** The id of a collection, which is created if it is missing. */
export function collectionFor(session: Session, { database, collection }: Namespace): number {
  const found = findCollection(session, { database, collection });
  if (found) return found.id;
  assertNewNames({ database, collection });
  const made = statement(session, 'INSERT INTO collections (database, name) VALUES (?, ?)').run(
    database,
    collection,
  );
  return Number(made.lastInsertRowid);
}

/** `_id` as a message shows it. */
function shown(document: Document): string {
  return stringifyExtendedJson(document['_id'], { relaxed: true });
}

function checkId(document: Document): void {
  const id = document['_id'];
  if (typeof id === 'string' || typeof id === 'number') return;
  const type = typeName(id);
  if (type === 'missing' || type === 'array' || type === 'regex') {
    throw badInput(`An _id cannot be of type ${type}.`);
  }
}

function checkSize(document: Document, bson: Uint8Array): void {
  if (bson.byteLength <= maxDocumentBytes) return;
  throw new HydrogenError(
    'too_large',
    `The document with _id ${shown(document)} is ${bson.byteLength.toLocaleString('en')} bytes of BSON; a document may have 16 MiB (${maxDocumentBytes.toLocaleString('en')} bytes). Nothing was changed.`,
  );
}

function account(session: Session, collection: number, documents: number, bytes: number): void {
  statement(session, 'UPDATE collections SET documents = documents + ?, bytes = bytes + ? WHERE id = ?').run(
    documents,
    bytes,
    collection,
  );
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_CONSTRAINT_UNIQUE;
}

/**
 * Writes a new document and returns its row.
 * @param document must have its `_id`
 * @param bson its encoding, if the caller has it
 * @throws HydrogenError `conflict` for an `_id` or a unique value that already exists, `too_large`, `bad_input` for an
 * `_id` of an unsuitable type and for two arrays in a compound index
 */
export function insertRow(
  session: Session,
  collection: number,
  document: Document,
  bson: Uint8Array = encode(document),
): number {
  checkId(document);
  checkSize(document, bson);
  const key = keyString(document['_id']);
  const row = insertDocument(session, collection, document, key, bson);
  updateEntries(session, collection, row, undefined, document);
  account(session, collection, 1, bson.byteLength);
  noteChange(session, collection, document['_id'], false);
  return row;
}

function insertDocument(
  session: Session,
  collection: number,
  document: Document,
  key: Uint8Array,
  bson: Uint8Array,
): number {
  const insert = statement(
    session,
    'INSERT INTO documents (collection, key, bson, fields) VALUES (?, ?, ?, ?)',
  );
  try {
    return Number(insert.run(collection, key, bson, fieldsOf(document)).lastInsertRowid);
  } catch (error) {
    if (!isTaken(error)) throw error;
    const name = String(
      statement(session, 'SELECT name FROM collections WHERE id = ?').get(collection)?.['name'],
    );
    throw new HydrogenError(
      'conflict',
      `A document with _id ${shown(document)} already exists in "${name}". Nothing was changed.`,
    );
  }
}

/**
 * Replaces `before` with `after`; the `_id` stays.
 * @returns whether this changed anything
 * @throws HydrogenError `conflict` for a unique value, `too_large`, `bad_input` for a changed `_id` and for two arrays
 * in a compound index
 */
export function replaceRow(
  session: Session,
  collection: number,
  row: number,
  before: Document,
  after: Document,
  bson: Uint8Array = encode(after),
): boolean {
  checkSize(after, bson);
  const key = keyString(after['_id']);
  const there = statement(session, 'SELECT key, bson FROM documents WHERE id = ?').get(row);
  const old = there?.['bson'] as Uint8Array;
  if (Buffer.compare(old, bson) === 0) return false;
  if (Buffer.compare(there?.['key'] as Uint8Array, key) !== 0) {
    throw badInput(`The _id of a document cannot be changed: it is ${shown(before)}.`);
  }
  statement(session, 'UPDATE documents SET bson = ?, fields = ? WHERE id = ?').run(
    bson,
    fieldsOf(after),
    row,
  );
  updateEntries(session, collection, row, before, after);
  account(session, collection, 0, bson.byteLength - old.byteLength);
  noteChange(session, collection, after['_id'], false);
  return true;
}

/** Deletes a document; `before` is its content. */
export function removeRow(session: Session, collection: number, row: number, before: Document): void {
  const deleted = statement(
    session,
    'DELETE FROM documents WHERE id = ? RETURNING length(bson) AS bytes',
  ).get(row);
  updateEntries(session, collection, row, before, undefined);
  account(session, collection, -1, -Number(deleted?.['bytes'] ?? 0));
  noteChange(session, collection, before['_id'], true);
}

/** Deletes all documents of a collection; the collection and its indexes stay. */
export function emptyCollection(session: Session, collection: number): void {
  noteAllRemoved(session, collection);
  for (const { id } of indexesOf(session, collection)) {
    statement(session, 'DELETE FROM index_entries WHERE index_id = ?').run(id);
    dropCounts(session, id);
  }
  forgetIndexes(session, collection);
  statement(session, 'DELETE FROM documents WHERE collection = ?').run(collection);
  statement(session, 'UPDATE collections SET documents = 0, bytes = 0 WHERE id = ?').run(collection);
}

/** Removes a collection with its documents and indexes. */
export function dropCollection(session: Session, collection: number): void {
  emptyCollection(session, collection);
  unfollow(session, collection);
  for (const index of indexesOf(session, collection)) dropIndex(session, index);
  statement(session, 'DELETE FROM collections WHERE id = ?').run(collection);
}
