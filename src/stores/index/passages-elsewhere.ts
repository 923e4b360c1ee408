import type { Catalog, Retriever } from './types.ts';

/**
 * A catalog of documents whose passages are in a retriever of another store. Both are written to before a call is
 * answered, the retriever first: what is recorded in the catalog is what has been done. When the second write fails, or
 * the process ends before it, repeating the call completes it, and so does the next ingest for files: one that is not
 * recorded as it is now is read again, and one that has gone but is still recorded is removed again.
 */
export function withPassagesIn(retriever: Retriever, catalog: Catalog): Catalog {
  return {
    ...catalog,
    async upsert(documents, call) {
      await retriever.upsert(documents, call);
      await catalog.upsert(documents, call);
    },
    async remove(ids, call) {
      await retriever.remove(ids, call);
      return catalog.remove(ids, call);
    },
    async forget(id, call) {
      await retriever.remove([id], call);
      return catalog.forget(id, call);
    },
    async removeSource(name, call) {
      await retriever.removeSource(name, call);
      return catalog.removeSource(name, call);
    },
    async touch(files, call) {
      await retriever.touch(files, call);
      await catalog.touch(files, call);
    },
  };
}
