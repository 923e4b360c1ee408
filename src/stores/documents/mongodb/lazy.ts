import type { DocumentServer, DocumentServerSettings } from '../document-server.ts';

/**
 * The store of `mongodb.ts`, loaded at the first call: it imports the query engine, which would delay the answer to
 * `tools/list` by a tenth of a second.
 */
export function lazyMongoDocuments(settings: DocumentServerSettings): DocumentServer {
  let { url } = settings;
  let loading: Promise<DocumentServer> | undefined;
  function loaded(): Promise<DocumentServer> {
    loading ??= import('./mongodb.ts').then(({ createMongoDocuments }) =>
      createMongoDocuments({ ...settings, url }),
    );
    return loading;
  }
  return {
    databases: async (...args) => (await loaded()).databases(...args),
    collections: async (...args) => (await loaded()).collections(...args),
    describe: async (...args) => (await loaded()).describe(...args),
    find: async (...args) => (await loaded()).find(...args),
    aggregate: async (...args) => (await loaded()).aggregate(...args),
    count: async (...args) => (await loaded()).count(...args),
    distinct: async (...args) => (await loaded()).distinct(...args),
    indexes: async (...args) => (await loaded()).indexes(...args),
    explain: async (...args) => (await loaded()).explain(...args),
    put: async (...args) => (await loaded()).put(...args),
    insert: async (...args) => (await loaded()).insert(...args),
    preview: async (...args) => (await loaded()).preview(...args),
    apply: async (...args) => (await loaded()).apply(...args),
    createIndex: async (...args) => (await loaded()).createIndex(...args),
    async *follow(...args) {
      yield* (await loaded()).follow(...args);
    },
    ping: async (...args) => (await store.get()).ping(...args),
    writeAccess: async (...args) => (await store.get()).writeAccess(...args),
    async reconnect(next) {
      url = next;
      // One that could not be loaded says so to its callers.
      const store = await loading?.catch(() => undefined);
      await store?.reconnect(next);
    },
    close: async () => (await loading)?.close(),
  };
}
