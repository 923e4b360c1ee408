import type { CacheServer } from '../cache.ts';
import type { RedisCacheSettings } from './settings.ts';

/** The cache of `redis-cache.ts`, whose client is loaded at the first call. */
export function lazyRedisCache(settings: RedisCacheSettings): CacheServer {
  let loading: Promise<CacheServer> | undefined;
  let loaded: CacheServer | undefined;
  async function load(): Promise<CacheServer> {
    const { createRedisCache } = await import('./redis-cache.ts');
    loaded = createRedisCache(settings);
    return loaded;
  }
  const cache = (): Promise<CacheServer> => {
    loading ??= load();
    return loading;
  };
  return {
    remember: async (...args) => (await cache()).remember(...args),
    invalidate: async (...args) => (await cache()).invalidate(...args),
    count: async (...args) => (await cache()).count(...args),
    clear: async (...args) => (await cache()).clear(...args),
    ping: async (...args) => (await cache()).ping(...args),
    state: () => loaded?.state() ?? { state: 'unused' },
    // What failed to load has nothing to close.
    close: async () =>
      loading?.then(
        (made) => made.close(),
        () => {},
      ),
  };
}
