import type { Catalog, Retriever } from './types.ts';

/**
 * A catalog of documents whose passages are in a retriever of another store. Both are written to before a call is
 * answered, the retriever first. When the second write fails, or the process ends before it, repeating the call
 * completes it. So does the next ingest for files that are then as they were in that call: one that is not recorded as
 * it is now is read again, and one that has gone but is still recorded is removed again.
 *
 * Until the call is repeated, nothing else notices that the two differ: a document that was to be removed while its file
 * stays, or whose file is again as it is recorded, has the wrong passages or none, and one whose file has gone before it
 * was recorded has passages that nobody removes. The same may come of two processes that write a document at once.
 *
 * The format of a document in the store says where its passages are. One that was recorded when they were somewhere else
 * is of another format for whoever asks, here or there, and is therefore read again.
 * @param place names the retriever's passages, for all processes that share the catalog
 */
export function withPassagesIn(retriever: Retriever, place: string, catalog: Catalog): Catalog {
  const suffix = ` in ${place}`;
  const formatOf = (recorded: string): string =>
    recorded.endsWith(suffix) ? recorded.slice(0, -suffix.length) : `${recorded}, not${suffix}`;
  return {
    ...catalog,
    async upsert(documents, call) {
      await retriever.upsert(documents, call);
      await catalog.upsert(
        documents.map((document) => ({ ...document, format: document.format + suffix })),
        call,
      );
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
    async files(source, call) {
      const files = await catalog.files(source, call);
      return files.map((file) => ({ ...file, format: formatOf(file.format) }));
    },
    async formats(call) {
      const formats = await catalog.formats(call);
      return Object.fromEntries(Object.entries(formats).map(([format, count]) => [formatOf(format), count]));
    },
  };
}
