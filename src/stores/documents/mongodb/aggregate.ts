import { type Document, decode, encode } from '../../../mql/index.ts';
import { exact } from '../../mongodb/driver.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type { AggregateQuery, CountQuery, DistinctQuery, Page, Values } from '../document-store.ts';
import { streamedPage } from '../page-meter.ts';
import { onCollection, requireCollection } from './collections.ts';
import { batchSize } from './find.ts';

/** A collation as the driver types it; the server validates it. */
type DriverCollation = { collation: { locale: string } };
const collated = ({ collation }: { readonly collation?: Document }): DriverCollation | object =>
  collation === undefined ? {} : { collation: collation as { locale: string } };

/** The collections that stages join with, at any depth. */
function joined(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) joined(item, found);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return found;
  for (const [key, inner] of Object.entries(value)) {
    const from = fromOf(key, inner);
    if (from !== undefined) found.add(from);
    if (key.startsWith('$') || key === 'pipeline' || Array.isArray(inner)) joined(inner, found);
  }
  return found;
}

function fromOf(stage: string, body: unknown): string | undefined {
  if (stage === '$unionWith' && typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = body as Document;
  const name = stage === '$unionWith' ? fields['coll'] : fields['from'];
  const isJoin = stage === '$unionWith' || stage === '$lookup' || stage === '$graphLookup';
  return isJoin && typeof name === 'string' ? name : undefined;
}

async function* decoded(cursor: AsyncIterable<unknown>): AsyncGenerator<Document> {
  for await (const bson of cursor) yield decode(bson as Uint8Array);
}

/** Runs a pipeline with a `$limit` appended; stages that only a server knows are passed through. */
export async function aggregate(session: ServerSession, query: AggregateQuery): Promise<Page> {
  const { client, options } = session;
  const { database, collection, pipeline, limit } = query;
  // MongoDB treats a collection that does not exist as empty, and a model would believe it.
  const { result } = await onCollection(session, query, async () => {
    const namespaces = [...joined(pipeline)].map((name) => ({ database, collection: name }));
    await Promise.all(namespaces.map((namespace) => requireCollection(session, namespace)));
    const cursor = client
      .db(database)
      .collection(collection)
      .aggregate([...pipeline, { $limit: limit + 1 }], {
        ...options(),
        ...collated(query),
        batchSize: Math.min(limit + 1, batchSize),
        raw: true,
      });
    try {
      return await streamedPage(decoded(cursor), query);
    } finally {
      await cursor.close();
    }
  });
  return result;
}

/** From the server's counters when there is no filter. */
export async function count(session: ServerSession, query: CountQuery): Promise<number> {
  const { client, options } = session;
  const { database, collection, filter } = query;
  const target = client.db(database).collection(collection);
  const { result } = await onCollection(session, query, () =>
    Object.keys(filter).length === 0
      ? target.estimatedDocumentCount({ ...options() })
      : target.countDocuments(filter, { ...options(), ...collated(query) }),
  );
  return Number(result);
}

export async function distinct(session: ServerSession, query: DistinctQuery): Promise<Values> {
  const { client, options } = session;
  const { database, collection, key, filter } = query;
  const { result } = await onCollection(session, query, () =>
    client
      .db(database)
      .collection(collection)
      .distinct(key, filter, { ...options(), ...collated(query), ...exact }),
  );
  // Encoded and decoded again by our reader, which has its own representations.
  const values = decode(encode({ values: result }))['values'] as unknown[];
  const { documents, cappedBy } = await streamedPage(
    values.map((value) => ({ value })),
    query,
  );
  return { values: documents.map(({ value }) => value), ...(cappedBy && { cappedBy }) };
}
