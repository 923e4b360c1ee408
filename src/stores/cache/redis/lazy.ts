import { loadedOnce } from '../../../loaded-once.ts';
import type { CacheServer } from '../cache.ts';
import type { RedisCacheSettings } from './settings.ts';

/** The cache of `redis-cache.ts`, whose client is loaded at the first call. */
export function lazyRedisCache(settings: RedisCacheSettings): CacheServer {
  const cache = loadedOnce(async (): Promise<CacheServer> => {
    const { createRedisCache } = await import('./redis-cache.ts');
    return createRedisCache(settings);
  });
  return {
    remember: async (...args) => (await cache.get()).remember(...args),
    invalidate: async (...args) => (await cache.get()).invalidate(...args),
    count: async (...args) => (await cache.get()).count(...args),
    clear: async (...args) => (await cache.get()).clear(...args),
    ping: async (...args) => (await cache.get()).ping(...args),
    state: () => cache.now?.state() ?? { state: 'unused' },
    close: async () => (await cache.begun())?.close(),
  };
}
