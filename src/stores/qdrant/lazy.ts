import type { BackendState } from '../backend.ts';
import type { ForeignPassages } from '../index/foreign-passages.ts';
import type { ForeignSettings } from './foreign.ts';
import type { QdrantIndex } from './qdrant.ts';
import type { QdrantSettings } from './server.ts';

/** The index of `qdrant.ts`, loaded with the server's client at the first call. */
export function lazyQdrantIndex(settings: QdrantSettings): QdrantIndex {
  let loading: Promise<QdrantIndex> | undefined;
  let index: QdrantIndex | undefined;
  async function load(): Promise<QdrantIndex> {
    const { createQdrantIndex } = await import('./qdrant.ts');
    index = createQdrantIndex(settings);
    return index;
  }
  function loaded(): Promise<QdrantIndex> {
    loading ??= load();
    return loading;
  }
  return {
    upsert: async (...args) => (await loaded()).upsert(...args),
    remove: async (...args) => (await loaded()).remove(...args),
    removeSource: async (...args) => (await loaded()).removeSource(...args),
    touch: async (...args) => (await loaded()).touch(...args),
    candidates: async (...args) => (await loaded()).candidates(...args),
    fetch: async (...args) => (await loaded()).fetch(...args),
    similar: async (...args) => (await loaded()).similar(...args),
    stats: async (...args) => (await loaded()).stats(...args),
    vectorsBySource: async (...args) => (await loaded()).vectorsBySource(...args),
    selected: async (...args) => (await loaded()).selected(...args),
    pending: async (...args) => (await loaded()).pending(...args),
    saveVectors: async (...args) => (await loaded()).saveVectors(...args),
    build: async (...args) => (await loaded()).build(...args),
    unbuilt: async (...args) => (await loaded()).unbuilt(...args),
    buildVectors: async (...args) => (await loaded()).buildVectors(...args),
    switchSpace: async (...args) => (await loaded()).switchSpace(...args),
    removeRetired: async (...args) => (await loaded()).removeRetired(...args),
    ping: async (...args) => (await loaded()).ping(...args),
    state: (): BackendState => index?.state() ?? { state: 'unused' },
  };
}

/** A collection that others fill (`foreign.ts`), loaded with the server's client at the first call. */
export function lazyForeignPassages(settings: ForeignSettings): ForeignPassages {
  let loading: Promise<ForeignPassages> | undefined;
  let passages: ForeignPassages | undefined;
  async function load(): Promise<ForeignPassages> {
    const { createForeignPassages } = await import('./foreign.ts');
    passages = createForeignPassages(settings);
    return passages;
  }
  function loaded(): Promise<ForeignPassages> {
    loading ??= load();
    return loading;
  }
  return {
    name: settings.name,
    isDown: () => passages?.isDown() ?? false,
    space: async (...args) => (await loaded()).space(...args),
    nearest: async (...args) => (await loaded()).nearest(...args),
    similar: async (...args) => (await loaded()).similar(...args),
    read: async (...args) => (await loaded()).read(...args),
    list: async (...args) => (await loaded()).list(...args),
    count: async (...args) => (await loaded()).count(...args),
    ping: async (...args) => (await loaded()).ping(...args),
  };
}
