import { decode, encode } from '../../../mql/formats.ts';
import { joinBson } from '../../documents/bson-sequence.ts';
import type { CollectionDescription, DocumentStore, Page } from '../../documents/document-store.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { embeddedChanges } from './changes/changes.ts';
import { followChanges } from './follow-changes.ts';
import type { EncodedPage } from './page.ts';

function decoded({ documents, ...rest }: EncodedPage): Page {
  return { ...rest, documents: documents.map(decode) };
}

/** Documents in the SQLite file of the data directory. */
export function createEmbeddedDocuments(file: StoreFile): DocumentStore {
  return {
    databases: (call) => file.run('light', 'documents.databases', null, call),
    collections: (database, call) => file.run('light', 'documents.collections', database, call),
    async describe({ database, collection }, call) {
      const bson = await file.run('read', 'documents.describe', { database, collection }, call);
      return decode(bson) as unknown as CollectionDescription;
    },
    find: async (query, call) =>
      decoded(await file.run('read', 'documents.find', encode({ ...query }), call)),
    aggregate: async (query, call) =>
      decoded(await file.run('read', 'documents.aggregate', encode({ ...query }), call)),
    count: (query, call) => file.run('read', 'documents.count', encode({ ...query }), call),
    async distinct(query, call) {
      const { documents, cappedBy } = await file.run(
        'read',
        'documents.distinct',
        encode({ ...query }),
        call,
      );
      return { values: documents.map((bson) => decode(bson)['value']), ...(cappedBy && { cappedBy }) };
    },
    indexes: ({ database, collection }, call) =>
      file.run('light', 'documents.indexes', { database, collection }, call),
    explain: (query, call) => file.run('read', 'documents.explain', encode({ ...query }), call),
    createIndex: (index, call) => file.run('write', 'documents.createIndex', encode({ ...index }), call),
    put: ({ database, collection }, documents, { drop, upsertKey }, call) =>
      file.run(
        'write',
        'documents.put',
        {
          database,
          collection,
          documents: documents instanceof Uint8Array ? documents : joinBson(documents),
          drop,
          ...(upsertKey !== undefined && { upsertKey }),
        },
        call,
      ),
    ...embeddedChanges(file),
    follow: (namespace, after, call) => followChanges(file, namespace, after, call),
  };
}
