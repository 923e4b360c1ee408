import { decode, encode } from '../../../../mql/formats.ts';
import { joinBson } from '../../../documents/bson-sequence.ts';
import type { DocumentStore } from '../../../documents/document-store.ts';
import type { StoreFile } from '../../engine/store-file.ts';

/** The part of the store that writes: each call is one transaction. */
export function embeddedChanges(file: StoreFile): Pick<DocumentStore, 'insert' | 'preview' | 'apply'> {
  return {
    async insert({ database, collection }, documents, call) {
      const args = { database, collection, documents: joinBson(documents) };
      return decode(await file.run('write', 'documents.insert', args, call))['ids'] as unknown[];
    },
    async preview(change, limits, call) {
      const found = await file.run('read', 'documents.preview', encode({ change, limits }), call);
      return { ...found, examples: found.examples.map(decode) };
    },
    async apply(change, limits, call) {
      const args = encode({ change, limits });
      const { upserted, ...counts } = await file.run('write', 'documents.apply', args, call);
      return { ...counts, ...(upserted && { upsertedId: decode(upserted)['id'] }) };
    },
  };
}
