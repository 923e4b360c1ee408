import { decode, encode } from '../../../mql/formats.ts';
import { joinBson } from '../../documents/bson-sequence.ts';
import type { CollectionDescription, DocumentStore, Page } from '../../documents/document-store.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { followChanges } from './follow-changes.ts';
import { documentOperations } from './operations.ts';
import type { EncodedPage } from './page.ts';

function decoded({ documents, ...rest }: EncodedPage): Page {
  return { ...rest, documents: documents.map(decode) };
}

/** How many documents there are is kept, so that to count them all is to read one row. */
const countedSql = 'SELECT documents FROM collections WHERE database = ? AND name = ?';

/** Documents in the SQLite file of the data directory. Each change is one transaction. */
export function createEmbeddedDocuments(file: StoreFile): DocumentStore {
  const operations = createClient(file, documentOperations);
  return {
    databases: operations.databases,
    collections: operations.collections,
    async describe({ database, collection }, call) {
      const bson = await operations.describe({ database, collection }, call);
      return decode(bson) as unknown as CollectionDescription;
    },
    find: async (query, call) => decoded(await operations.find(encode({ ...query }), call)),
    aggregate: async (query, call) => decoded(await operations.aggregate(encode({ ...query }), call)),
    async count(query, call) {
      const { database, collection, filter, collation } = query;
      const isOfAll = collation === undefined && Object.keys(filter).length === 0;
      const kept = isOfAll ? file.readRow(countedSql, [database, collection]) : undefined;
      return kept ? Number(kept['documents']) : operations.count(encode({ ...query }), call);
    },
    async distinct(query, call) {
      const { documents, cappedBy } = await operations.distinct(encode({ ...query }), call);
      return { values: documents.map((bson) => decode(bson)['value']), ...(cappedBy && { cappedBy }) };
    },
    indexes: ({ database, collection }, call) => operations.indexes({ database, collection }, call),
    explain: (query, call) => operations.explain(encode({ ...query }), call),
    createIndex: (index, call) => operations.createIndex(encode({ ...index }), call),
    put: ({ database, collection }, documents, { drop, upsertKey }, call) =>
      operations.put(
        {
          database,
          collection,
          documents: documents instanceof Uint8Array ? documents : joinBson(documents),
          drop,
          ...(upsertKey !== undefined && { upsertKey }),
        },
        call,
      ),
    async insert({ database, collection }, documents, call) {
      const bson = await operations.insert({ database, collection, documents: joinBson(documents) }, call);
      return decode(bson)['ids'] as unknown[];
    },
    async preview(change, limits, call) {
      const found = await operations.preview(encode({ change, limits }), call);
      return { ...found, examples: found.examples.map(decode) };
    },
    async apply(change, limits, call) {
      const { upserted, ...counts } = await operations.apply(encode({ change, limits }), call);
      return { ...counts, ...(upserted && { upsertedId: decode(upserted)['id'] }) };
    },
    follow: (namespace, after, call) => followChanges(operations, namespace, after, call),
  };
}
