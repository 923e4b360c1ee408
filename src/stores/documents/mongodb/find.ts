import type { FindCursor } from 'mongodb';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, decode } from '../../../mql/index.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type { Cap, FindQuery, Page } from '../document-store.ts';
import { createPageMeter } from '../page-meter.ts';
import { writePosition } from '../position.ts';
import { onCollection } from './collections.ts';
import { afterFilter, type Continuation, continuationOf, keysAt } from './continuation.ts';
import { shareProjection } from './projection.ts';

/** Maximum number of documents that a server sends at a time. */
export const batchSize = 200;

/** Sorts by distance itself: an additional sort would change the results. */
function sortsByDistance(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some(sortsByDistance);
  if (typeof filter !== 'object' || filter === null || '_bsontype' in filter) return false;
  return Object.entries(filter).some(
    ([key, value]) => key === '$near' || key === '$nearSphere' || sortsByDistance(value),
  );
}

/** The order of the results; undefined where only the server knows it. */
function orderOf({ filter, sort = {}, collation }: FindQuery): Continuation | undefined {
  if (collation !== undefined) return undefined;
  if (Object.keys(sort).length === 0 && sortsByDistance(filter)) return undefined;
  try {
    return continuationOf(sort);
  } catch (error) {
    if (error instanceof HydrogenError && error.code === 'not_supported') return undefined;
    throw error;
  }
}

/** One page of a `find`. The server filters, sorts and limits; bytes are counted as documents arrive. */
export async function find(session: ServerSession, query: FindQuery): Promise<Page> {
  const order = orderOf(query);
  const { result, info } = await onCollection(session, query, () => read(session, query, order));
  const { last, shared, ...page } = result;
  // A default collation has its own string order.
  const next = last && order && shared && !info.collated ? writePosition(order.keys.of(last)) : undefined;
  return { ...page, ...(next !== undefined && page.cappedBy && { next }) };
}

interface Read {
  readonly documents: Document[];
  readonly cappedBy?: Cap;
  /** The last document of the page as the server sent it. */
  readonly last?: Document;
  /** Whether it contains its position in the order. */
  readonly shared: boolean;
}

/** The query as it is sent, continued after a position. */
function requestOf(query: FindQuery, order: Continuation | undefined, from: readonly unknown[] | undefined) {
  const { filter, collation } = query;
  const sort = order?.sort ?? query.sort;
  return {
    filter: from && order ? { $and: [filter, afterFilter(from, order)] } : filter,
    options: {
      ...(sort && { sort: sort as Record<string, 1 | -1> }),
      ...(collation && { collation: collation as { locale: string } }),
      skip: from ? 0 : query.skip,
      raw: true,
    },
  };
}

/**
 * Takes documents until the page is full.
 * @param isBefore whether a document precedes the page
 */
async function fill(
  cursor: FindCursor,
  query: FindQuery,
  isBefore: (document: Document) => boolean,
  finish: (document: Document) => Document,
) {
  const meter = createPageMeter(query);
  const documents: Document[] = [];
  let last: Document | undefined;
  let arrived = 0;
  const end = (cappedBy?: Cap) => ({
    arrived,
    page: { documents, ...(last && { last }), ...(cappedBy && { cappedBy }) },
  });
  try {
    for await (const bson of cursor) {
      arrived++;
      const document = decode(bson as unknown as Uint8Array);
      if (isBefore(document)) continue;
      if (meter.isFull()) return end('limit');
      const shown = finish(document);
      if (!meter.admits(shown)) return end('bytes');
      documents.push(shown);
      last = document;
    }
  } finally {
    await cursor.close();
  }
  return end();
}

async function read(
  { client, options }: ServerSession,
  query: FindQuery,
  order: Continuation | undefined,
): Promise<Read> {
  const { database, collection, after, limit } = query;
  if (after !== undefined && !order) {
    throw badInput('This query cannot be continued: only the server knows its order. Use skip.');
  }
  const from = after !== undefined && order ? keysAt(after, order) : undefined;
  const { projection, finish, placed } = shareProjection(query.projection, Object.keys(order?.sort ?? {}));
  const request = requestOf(query, order, from);
  const isBefore = (document: Document): boolean =>
    from !== undefined && order !== undefined && order.keys.compare(order.keys.of(document), from) <= 0;
  for (let requestLimit = limit + 1; ; requestLimit *= 4) {
    const cursor = client
      .db(database)
      .collection(collection)
      .find(request.filter, {
        ...options(),
        ...request.options,
        ...(projection && { projection }),
        limit: requestLimit,
        batchSize: Math.min(requestLimit, batchSize),
      });
    const { page, arrived } = await fill(cursor, query, isBefore, finish);
    // All requested documents arrived, but some precede the position: more may follow.
    if (page.cappedBy || !from || arrived < requestLimit) return { ...page, shared: placed };
  }
}
