import { loadedOnce } from '../../../loaded-once.ts';
import type { MongoStore } from '../client.ts';
import type { MongoLibraryPorts } from './ports.ts';

/** The ports of `ports.ts`, loaded at the first call. */
export function lazyMongoCatalog(store: Pick<MongoStore, 'area'>): MongoLibraryPorts {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoLibraryPorts } = await import('./ports.ts');
    return createMongoLibraryPorts(store);
  });
  const catalog = async (): Promise<MongoLibraryPorts['catalog']> => (await loaded()).catalog;
  return {
    catalog: {
      upsert: async (...args) => (await catalog()).upsert(...args),
      remove: async (...args) => (await catalog()).remove(...args),
      forget: async (...args) => (await catalog()).forget(...args),
      list: async (...args) => (await catalog()).list(...args),
      read: async (...args) => (await catalog()).read(...args),
      page: async (...args) => (await catalog()).page(...args),
      remarked: async (...args) => (await catalog()).remarked(...args),
      similarIds: async (...args) => (await catalog()).similarIds(...args),
      sources: async (...args) => (await catalog()).sources(...args),
      summaries: async (...args) => (await catalog()).summaries(...args),
      source: async (...args) => (await catalog()).source(...args),
      removeSource: async (...args) => (await catalog()).removeSource(...args),
      trackedPaths: async (...args) => (await catalog()).trackedPaths(...args),
      hasOtherTrackedPaths: async (...args) => (await catalog()).hasOtherTrackedPaths(...args),
      trackPaths: async (...args) => (await catalog()).trackPaths(...args),
      saveStates: async (...args) => (await catalog()).saveStates(...args),
      formats: async (...args) => (await catalog()).formats(...args),
      files: async (...args) => (await catalog()).files(...args),
      touch: async (...args) => (await catalog()).touch(...args),
      unfinished: async (...args) => (await catalog()).unfinished(...args),
      mark: async (...args) => (await catalog()).mark(...args),
      formatsOf: async (...args) => (await catalog()).formatsOf(...args),
      marked: async (...args) => (await catalog()).marked(...args),
      removeMarked: async (...args) => (await catalog()).removeMarked(...args),
      untrack: async (...args) => (await catalog()).untrack(...args),
    },
    lease: {
      claim: async (...args) => (await loaded()).lease.claim(...args),
      release: async (...args) => (await loaded()).lease.release(...args),
    },
    positions: {
      read: async (...args) => (await loaded()).positions.read(...args),
      save: async (...args) => (await loaded()).positions.save(...args),
    },
  };
}
