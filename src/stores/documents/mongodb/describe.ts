import { type Document, decode } from '../../../mql/index.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import { describeSample, sampleBytes, sampleSize } from '../describe/fields.ts';
import { type RangeLookup, rangeLookups, withRanges } from '../describe/ranges.ts';
import { type PossibleReference, possibleReferences, withReferences } from '../describe/references.ts';
import type { CollectionDescription, Namespace } from '../document-store.ts';
import { collectionInfos, inParallel, isInternal, requireCollection, sizeOf } from './collections.ts';
import { listIndexes } from './indexes.ts';

/** Time limit for a server that samples by reading everything (a view, an old engine), in ms. */
const sampleMs = 3_000;

async function taken(cursor: AsyncIterable<unknown> & { close(): Promise<void> }): Promise<Document[]> {
  const documents: Document[] = [];
  let bytes = 0;
  try {
    for await (const raw of cursor) {
      const bson = raw as Uint8Array;
      bytes += bson.byteLength;
      documents.push(decode(bson));
      if (bytes > sampleBytes) break;
    }
  } finally {
    await cursor.close();
  }
  return documents;
}

/** Documents drawn by `$sample`; if that takes too long, the first ones. */
async function sample({ client, call, options }: ServerSession, namespace: Namespace): Promise<Document[]> {
  const target = client.db(namespace.database).collection(namespace.collection);
  const { maxTimeMS = sampleMs, ...rest } = options();
  const how = { ...rest, maxTimeMS: Math.min(maxTimeMS, sampleMs), batchSize: sampleSize, raw: true };
  try {
    return await taken(target.aggregate([{ $sample: { size: sampleSize } }], how));
  } catch (error) {
    if (call.signal.aborted || (error as { name?: unknown }).name !== 'MongoServerError') throw error;
    return taken(target.find({}, { ...options(), limit: sampleSize, batchSize: sampleSize, raw: true }));
  }
}

async function holds(
  { client, options }: ServerSession,
  database: string,
  { collection, ids, minFound }: PossibleReference,
): Promise<boolean> {
  const found = await client
    .db(database)
    .collection(collection)
    .find({ _id: { $in: ids } } as object, { ...options(), projection: { _id: 1 }, limit: minFound })
    .toArray();
  return found.length >= minFound;
}

/** The first document that a query finds in a short time; a server that cannot use the index would read everything. */
async function firstOf(
  { client, call, options }: ServerSession,
  { database, collection }: Namespace,
  { filter, sort, projection }: RangeLookup['smallest'],
): Promise<Document | undefined> {
  const { maxTimeMS = sampleMs, ...rest } = options();
  const how = { ...rest, maxTimeMS: Math.min(maxTimeMS, sampleMs), limit: 1, raw: true, projection };
  try {
    const sorted = sort as Record<string, 1 | -1>;
    const [document] = await taken(client.db(database).collection(collection).find(filter, how).sort(sorted));
    return document;
  } catch (error) {
    if (call.signal.aborted || (error as { name?: unknown }).name !== 'MongoServerError') throw error;
    return undefined;
  }
}

/** What a sample of the collection's documents looks like, in bounded time for any size. */
export async function describe(session: ServerSession, namespace: Namespace): Promise<CollectionDescription> {
  const { database, collection } = namespace;
  const { view } = await requireCollection(session, namespace);
  const [documents, size, indexes, otherCollections] = await Promise.all([
    sample(session, namespace),
    view ? { documents: 0, bytes: 0, view } : sizeOf(session, namespace),
    listIndexes(session, namespace),
    collectionInfos(session, database),
  ]);
  const found = describeSample(documents);
  const names = otherCollections
    .filter((entry) => !entry.view && entry.name !== collection && !isInternal(entry.name))
    .map(({ name }) => name);
  const references = possibleReferences(found, names);
  const answers = await inParallel(references, (reference) => holds(session, database, reference));
  const lookups = rangeLookups(found, size.documents, indexes);
  const ranges = await inParallel(lookups, async ({ path, smallest, largest }) => {
    const ends = [
      await firstOf(session, namespace, smallest),
      await firstOf(session, namespace, largest),
    ] as const;
    return [path, ends] as const;
  });
  const { values: _values, ...rest } = found;
  return {
    name: collection,
    ...size,
    indexes,
    ...rest,
    fields: withReferences(
      withRanges(found, view ? Number.POSITIVE_INFINITY : size.documents, new Map(ranges)),
      references.filter((_, i) => answers[i]),
    ),
  };
}
