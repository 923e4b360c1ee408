import { ObjectId } from 'bson';
import { HydrogenError } from '../../../errors.ts';
import { type Document, decode, hashKey, prepareInsert } from '../../../mql/index.ts';
import { codeOf, duplicatedIndex, UnfinishedWrite } from '../../mongodb/errors.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import { type BsonSequence, splitBson } from '../bson-sequence.ts';
import type { InsertResult, Namespace } from '../document-store.ts';
import { assertNewNames } from '../names.ts';
import { refuseInternal } from './collections.ts';

/** How many documents go to the server at a time. */
const batch = 1_000;

function* batches<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let at = 0; at < items.length; at += batch) yield items.slice(at, at + batch);
}

const writeOptions = ({ options }: ServerSession) => {
  const { readPreference: _, ...rest } = options();
  return { ...rest };
};

/** How many documents an ordered insert wrote before it failed: the index of the rejected one, if reported. */
function insertedBefore(error: unknown): number {
  const { writeErrors, insertedCount } = error as { writeErrors?: unknown; insertedCount?: unknown };
  const [first] = [writeErrors].flat() as { index?: unknown }[];
  const count = first?.index ?? insertedCount;
  return typeof count === 'number' ? count : 0;
}

/**
 * Inserts in order. A server does this without a transaction: when one document is refused, those before it are in, and
 * the error says how many.
 */
export async function insert(
  session: ServerSession,
  namespace: Namespace,
  documents: readonly Document[],
): Promise<unknown[]> {
  refuseInternal(namespace);
  assertNewNames(namespace);
  const prepared = documents.map(prepareInsert);
  const target = session.client.db(namespace.database).collection(namespace.collection);
  let done = 0;
  for (const some of batches(prepared)) {
    try {
      await target.insertMany(some as never[], { ...writeOptions(session), ordered: true });
    } catch (error) {
      const before = done + insertedBefore(error);
      if (codeOf(error) === 11000) throw duplicate(before, documents.length, error);
      throw before === 0 ? error : new UnfinishedWrite(`${insertedSoFar(before, documents.length)}.`, error);
    }
    done += some.length;
  }
  return prepared.map(({ _id }) => _id);
}

const insertedSoFar = (before: number, all: number): string =>
  `${before.toLocaleString('en')} of ${all.toLocaleString('en')} were inserted before it, the rest not`;

function duplicate(before: number, all: number, error: unknown): HydrogenError {
  const index = duplicatedIndex(error);
  const which = index === undefined ? 'An _id' : `A unique value (${index})`;
  const progress = before === 0 ? 'Nothing was inserted' : insertedSoFar(before, all);
  return new HydrogenError('conflict', `${which} already exists. ${progress}.`);
}

interface Write {
  readonly replaceOne: {
    readonly filter: Document;
    readonly replacement: Document;
    readonly upsert: boolean;
  };
}

function byId(document: Document): Write {
  const { _id = new ObjectId(), ...rest } = document;
  return { replaceOne: { filter: { _id }, replacement: { _id, ...rest }, upsert: true } };
}

/** The `_id`s of documents that have one of the values, by value; the first document for each. */
async function idsByValue(
  session: ServerSession,
  { database, collection }: Namespace,
  key: string,
  values: readonly unknown[],
): Promise<Map<string | number, unknown>> {
  const found = new Map<string | number, unknown>();
  const cursor = session.client
    .db(database)
    .collection(collection)
    .find({ [key]: { $in: values } }, { ...session.options(), sort: { _id: -1 }, raw: true });
  for await (const bson of cursor) {
    const document = decode(bson as unknown as Uint8Array);
    found.set(hashKey(valueAt(document, key)), document['_id']);
  }
  return found;
}

function valueAt(document: Document, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Document)[name]
          : undefined,
      document,
    );
}

/** As `put` of the interface, but the batches are not one transaction. */
export async function put(
  session: ServerSession,
  namespace: Namespace,
  input: readonly Document[] | BsonSequence,
  { drop, upsertKey }: { readonly drop: boolean; readonly upsertKey?: string },
): Promise<InsertResult> {
  refuseInternal(namespace);
  assertNewNames(namespace);
  const documents = input instanceof Uint8Array ? Array.from(splitBson(input), decode) : input;
  const target = session.client.db(namespace.database).collection(namespace.collection);
  if (drop) await target.deleteMany({}, writeOptions(session));
  const result = { inserted: 0, replaced: 0, unchanged: 0 };
  for (const some of batches(documents)) {
    const writes =
      upsertKey === undefined ? some.map(byId) : await byKey(session, namespace, upsertKey, some);
    const { insertedCount, upsertedCount, modifiedCount, matchedCount } = await target.bulkWrite(
      writes as never[],
      { ...writeOptions(session), ordered: true },
    );
    result.inserted += insertedCount + upsertedCount;
    result.replaced += modifiedCount;
    result.unchanged += matchedCount - modifiedCount;
  }
  return result;
}

async function byKey(
  session: ServerSession,
  namespace: Namespace,
  key: string,
  documents: readonly Document[],
): Promise<Write[]> {
  const values = documents.map((document) => valueAt(document, key)).filter((value) => value != null);
  const ids = await idsByValue(session, namespace, key, values);
  return documents.map((document) => {
    const value = valueAt(document, key);
    if (value === undefined || value === null) return byId(document);
    const hash = hashKey(value);
    const { _id: newId = new ObjectId(), ...rest } = document;
    const _id = ids.get(hash) ?? newId;
    // A later document of the same series with the same value replaces this one.
    ids.set(hash, _id);
    return byId({ _id, ...rest });
  });
}
