import { loadedOnce } from '../../../loaded-once.ts';
import type { DocumentServer, DocumentServerSettings } from '../document-server.ts';

/**
 * The store of `mongodb.ts`, loaded at the first call: it imports the query engine, which would delay the answer to
 * `tools/list` by a tenth of a second.
 */
export function lazyMongoDocuments(settings: DocumentServerSettings): DocumentServer {
  let { url } = settings;
  const store = loadedOnce(async (): Promise<DocumentServer> => {
    const { createMongoDocuments } = await import('./mongodb.ts');
    return createMongoDocuments({ ...settings, url });
  });
  return {
    databases: async (...args) => (await store.get()).databases(...args),
    collections: async (...args) => (await store.get()).collections(...args),
    describe: async (...args) => (await store.get()).describe(...args),
    find: async (...args) => (await store.get()).find(...args),
    aggregate: async (...args) => (await store.get()).aggregate(...args),
    count: async (...args) => (await store.get()).count(...args),
    distinct: async (...args) => (await store.get()).distinct(...args),
    indexes: async (...args) => (await store.get()).indexes(...args),
    explain: async (...args) => (await store.get()).explain(...args),
    put: async (...args) => (await store.get()).put(...args),
    insert: async (...args) => (await store.get()).insert(...args),
    preview: async (...args) => (await store.get()).preview(...args),
    apply: async (...args) => (await store.get()).apply(...args),
    createIndex: async (...args) => (await store.get()).createIndex(...args),
    async *follow(...args) {
      yield* (await store.get()).follow(...args);
    },
    ping: async (...args) => (await store.get()).ping(...args),
    writeAccess: async (...args) => (await store.get()).writeAccess(...args),
    async reconnect(next) {
      url = next;
      await (await store.begun())?.reconnect(next);
    },
    close: async () => (await store.begun())?.close(),
  };
}
