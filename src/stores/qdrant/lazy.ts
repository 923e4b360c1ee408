import { loadedOnce } from '../../loaded-once.ts';
import type { BackendState } from '../backend.ts';
import type { ForeignPassages } from '../index/foreign-passages.ts';
import type { ForeignSettings } from './foreign.ts';
import type { QdrantIndex } from './qdrant.ts';
import type { QdrantSettings } from './server.ts';

/** The index of `qdrant.ts`, loaded with the server's client at the first call. */
export function lazyQdrantIndex(settings: QdrantSettings): QdrantIndex {
  const index = loadedOnce(async (): Promise<QdrantIndex> => {
    const { createQdrantIndex } = await import('./qdrant.ts');
    return createQdrantIndex(settings);
  });
  return {
    upsert: async (...args) => (await index.get()).upsert(...args),
    remove: async (...args) => (await index.get()).remove(...args),
    removeSource: async (...args) => (await index.get()).removeSource(...args),
    touch: async (...args) => (await index.get()).touch(...args),
    candidates: async (...args) => (await index.get()).candidates(...args),
    fetch: async (...args) => (await index.get()).fetch(...args),
    similar: async (...args) => (await index.get()).similar(...args),
    stats: async (...args) => (await index.get()).stats(...args),
    languages: async (...args) => (await index.get()).languages(...args),
    vectorsBySource: async (...args) => (await index.get()).vectorsBySource(...args),
    selected: async (...args) => (await index.get()).selected(...args),
    pending: async (...args) => (await index.get()).pending(...args),
    saveVectors: async (...args) => (await index.get()).saveVectors(...args),
    leaveOut: async (...args) => (await index.get()).leaveOut(...args),
    withoutVectors: async (...args) => (await index.get()).withoutVectors(...args),
    build: async (...args) => (await index.get()).build(...args),
    unbuilt: async (...args) => (await index.get()).unbuilt(...args),
    buildVectors: async (...args) => (await index.get()).buildVectors(...args),
    switchSpace: async (...args) => (await index.get()).switchSpace(...args),
    removeRetired: async (...args) => (await index.get()).removeRetired(...args),
    ping: async (...args) => (await index.get()).ping(...args),
    state: (): BackendState => index.now?.state() ?? { state: 'unused' },
  };
}

/** A collection that others fill (`foreign.ts`), loaded with the server's client at the first call. */
export function lazyForeignPassages(settings: ForeignSettings): ForeignPassages {
  const passages = loadedOnce(async (): Promise<ForeignPassages> => {
    const { createForeignPassages } = await import('./foreign.ts');
    return createForeignPassages(settings);
  });
  return {
    name: settings.name,
    isDown: () => passages.now?.isDown() ?? false,
    space: async (...args) => (await passages.get()).space(...args),
    nearest: async (...args) => (await passages.get()).nearest(...args),
    similar: async (...args) => (await passages.get()).similar(...args),
    read: async (...args) => (await passages.get()).read(...args),
    list: async (...args) => (await passages.get()).list(...args),
    count: async (...args) => (await passages.get()).count(...args),
    ping: async (...args) => (await passages.get()).ping(...args),
  };
}
