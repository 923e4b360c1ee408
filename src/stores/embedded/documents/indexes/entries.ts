import { HydrogenError } from '../../../../errors.ts';
import { type Document, decode, stringifyExtendedJson } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import { changeCount } from './counts.ts';
import { type Index, indexesOf } from './definition.ts';
import { entriesOf, indexKey } from './keys.ts';

const addSql = 'INSERT INTO index_entries (index_id, key, document) VALUES (?, ?, ?)';
const removeSql = 'DELETE FROM index_entries WHERE index_id = ? AND key = ? AND document = ?';
const otherSql = 'SELECT 1 FROM index_entries WHERE index_id = ? AND key = ? AND document <> ? LIMIT 1';
const collectionSql = 'SELECT name FROM collections WHERE id = ?';

function notUnique(session: Session, index: Index, row: number, key: Uint8Array): HydrogenError {
  const bson = statement(session, 'SELECT bson FROM documents WHERE id = ?').get(row)?.['bson'];
  const document = decode(bson as Uint8Array);
  const all = [...index.valuesOf(document).all()];
  const values = all.find((some) => Buffer.compare(indexKey(some, index.fields), key) === 0) ?? [];
  const fields = Object.fromEntries(index.fields.map(({ path }, i) => [path, values[i] ?? null]));
  const shown = stringifyExtendedJson(fields, { relaxed: true });
  const collection = String(statement(session, collectionSql).get(index.collection)?.['name']);
  return new HydrogenError(
    'conflict',
    `The unique index "${index.name}" of "${collection}" has ${shown} already, in another document. Nothing was changed.`,
  );
}

/** Records that a field of the index has new traits. */
export function widen(session: Session, index: Index, traits: readonly number[]): void {
  if (traits.every((bits, at) => (bits & ~(index.traits[at] ?? 0)) === 0)) return;
  index.traits = index.traits.map((bits, at) => bits | (traits[at] ?? 0));
  statement(session, 'UPDATE indexes SET multikey = ? WHERE id = ?').run(
    JSON.stringify(index.traits),
    index.id,
  );
}

function addEntries(session: Session, index: Index, row: number, document: Document): void {
  const { keys, traits } = entriesOf(index, document);
  widen(session, index, traits);
  for (const key of keys) addEntry(session, index, row, key);
}

/** @throws HydrogenError conflict when the index is unique and another document has the key */
export function addEntry(session: Session, index: Index, row: number, key: Uint8Array): void {
  if (index.unique && statement(session, otherSql).get(index.id, key, row)) {
    throw notUnique(session, index, row, key);
  }
  statement(session, addSql).run(index.id, key, row);
  changeCount(session, index, key, 1);
}

function removeEntry(session: Session, index: Index, row: number, key: Uint8Array): void {
  statement(session, removeSql).run(index.id, key, row);
  changeCount(session, index, key, -1);
}

function removeEntries(session: Session, index: Index, row: number, document: Document): void {
  for (const key of entriesOf(index, document).keys) removeEntry(session, index, row, key);
}

function changeEntries(session: Session, index: Index, row: number, before: Document, after: Document): void {
  const text = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
  const old = new Map(entriesOf(index, before).keys.map((key) => [text(key), key]));
  const { keys, traits } = entriesOf(index, after);
  widen(session, index, traits);
  const added = keys.filter((key) => !old.delete(text(key)));
  for (const key of old.values()) removeEntry(session, index, row, key);
  for (const key of added) addEntry(session, index, row, key);
}

/**
 * Updates the entries of all indexes of a collection to a document's new state; without `before` it is new, without
 * `after` it is deleted.
 * @throws HydrogenError conflict for a unique index, bad_input for two arrays in a compound one
 */
export function updateEntries(
  session: Session,
  collection: number,
  row: number,
  before: Document | undefined,
  after: Document | undefined,
): void {
  for (const index of indexesOf(session, collection)) {
    if (!before) addEntries(session, index, row, after ?? {});
    else if (!after) removeEntries(session, index, row, before);
    else changeEntries(session, index, row, before, after);
  }
}
