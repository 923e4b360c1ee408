import { decode, encode } from '../../../mql/formats.ts';
import type { StoreFile } from '../../sqlite/store-file.ts';
import type { DocumentStore, Page } from '../document-store.ts';
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
      const found = await file.run('read', 'documents.describe', { database, collection }, call);
      const fields = found.fields.map((field) => ({
        ...field,
        examples: decode(field.examples)['values'] as unknown[],
      }));
      return { ...found, fields };
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
    put: ({ database, collection }, documents, { drop }, call) =>
      file.run(
        'write',
        'documents.put',
        { database, collection, documents: documents.map(encode), drop },
        call,
      ),
  };
}
