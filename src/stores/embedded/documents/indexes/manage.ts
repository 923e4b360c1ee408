import { badInput, HydrogenError } from '../../../../errors.ts';
import { encode } from '../../../../mql/index.ts';
import { similarNames } from '../../../../similar-names.ts';
import type { IndexEntry, Namespace, NewIndex } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import { requireCollection } from '../collections.ts';
import { scan } from '../pushdown/scan.ts';
import { dropCounts, isCountable } from './counts.ts';
import { declaredFields, defaultName, keyDocument } from './declaration.ts';
import { forgetIndexes, type Index, type IndexField, indexesOf } from './definition.ts';
import { addEntry, widen } from './entries.ts';
import { entriesOf } from './keys.ts';

/** As in MongoDB: https://www.mongodb.com/docs/manual/reference/limits/ */
const maxIndexes = 64;
/** How many entries are sorted before they are written: writing in order is faster. */
const sortedAtATime = 20_000;

/** The index that every collection has. */
const idIndex: IndexEntry = { name: '_id_', key: { _id: 1 }, unique: true };

function sameFields(a: readonly IndexField[], b: readonly IndexField[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ path, direction }, at) => b[at]?.path === path && b[at].direction === direction)
  );
}

export function listIndexes(session: Session, namespace: Namespace): IndexEntry[] {
  const { id } = requireCollection(session, namespace);
  return [idIndex, ...indexesOf(session, id).map(({ name, key, unique }) => ({ name, key, unique }))];
}

/** An existing index equal to the requested one. @throws HydrogenError `conflict` for one that stands in its way */
function existing(indexes: readonly Index[], requested: NewIndex, fields: readonly IndexField[]) {
  const same = indexes.find((index) => sameFields(index.fields, fields));
  const named = indexes.find((index) => index.name === requested.name);
  if (same && requested.name !== undefined && same.name !== requested.name) {
    throw new HydrogenError('conflict', `An index on these fields already exists, named "${same.name}".`);
  }
  if (same && same.unique !== requested.unique) {
    throw new HydrogenError(
      'conflict',
      `The index "${same.name}" is on these fields and is ${same.unique ? '' : 'not '}unique. Drop it first.`,
    );
  }
  if (!same && named) {
    const key = named.fields.map(({ path, direction }) => `"${path}": ${direction}`).join(', ');
    throw new HydrogenError('conflict', `The index "${named.name}" is on other fields: { ${key} }.`);
  }
  return same;
}

/**
 * Creates an index of the existing documents, in the transaction of its lane.
 * @throws HydrogenError `not_found` for the collection, `conflict` for a different index with the same name or fields,
 * and for values that are not unique; `not_supported` for other kinds of index; `bad_input`
 */
export function createIndex(session: Session, requested: NewIndex): { name: string; created: boolean } {
  const { id: collection, documents } = requireCollection(session, requested);
  const fields = declaredFields(requested);
  if (sameFields(fields, [{ path: '_id', direction: 1 }])) return { name: idIndex.name, created: false };
  const indexes = indexesOf(session, collection);
  const same = existing(indexes, requested, fields);
  if (same) return { name: same.name, created: false };
  const name = requested.name ?? defaultName(fields);
  if (name === idIndex.name || indexes.some((index) => index.name === name)) {
    throw new HydrogenError('conflict', `The index "${name}" is on other fields. Choose another name.`);
  }
  if (indexes.length >= maxIndexes) {
    throw new HydrogenError('too_large', `A collection can have ${maxIndexes} indexes. Drop one first.`);
  }
  statement(
    session,
    'INSERT INTO indexes (collection, name, key, is_unique, multikey, counted) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(
    collection,
    name,
    encode(keyDocument(fields)),
    requested.unique ? 1 : 0,
    JSON.stringify(fields.map(() => 0)),
    isCountable(fields.length) ? 1 : 0,
  );
  forgetIndexes(session, collection);
  const made = indexesOf(session, collection).find((index) => index.name === name);
  if (made) build(session, made, documents);
  return { name, created: true };
}

function build(session: Session, index: Index, documents: number): void {
  const { tick, progress } = session;
  let batch: { key: Uint8Array; row: number }[] = [];
  let done = 0;
  const write = (): void => {
    batch.sort((a, b) => Buffer.compare(a.key, b.key));
    for (const { key, row } of batch) {
      tick();
      addEntry(session, index, row, key);
    }
    batch = [];
    progress(done, documents);
  };
  const fields = [...new Set(index.fields.map(({ path }) => path.split('.', 1)[0] ?? path))];
  for (const { row, document } of scan(session, { collection: index.collection, filter: {}, fields })) {
    tick();
    const { keys, traits } = entriesOf(index, document);
    widen(session, index, traits);
    for (const key of keys) batch.push({ key, row });
    done++;
    if (batch.length >= sortedAtATime) write();
  }
  write();
}

/** @throws HydrogenError `not_found` with similar names; `bad_input` for the index of `_id` */
export function requireIndex(session: Session, collection: number, name: string): Index {
  if (name === idIndex.name) throw badInput('The index of _id cannot be dropped.');
  const indexes = indexesOf(session, collection);
  const found = indexes.find((index) => index.name === name);
  if (found) return found;
  const names = indexes.map((index) => index.name);
  const suggestions = similarNames(name, names);
  const listed =
    names.length === 0 ? 'only that of _id' : names.map((indexName) => `"${indexName}"`).join(', ');
  throw new HydrogenError('not_found', `There is no index "${name}". There is ${listed}.`, { suggestions });
}

export function dropIndex(session: Session, index: Index): void {
  statement(session, 'DELETE FROM index_entries WHERE index_id = ?').run(index.id);
  dropCounts(session, index.id);
  statement(session, 'DELETE FROM indexes WHERE id = ?').run(index.id);
  forgetIndexes(session, index.collection);
}
