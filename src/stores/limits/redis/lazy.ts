import { loadedOnce } from '../../../loaded-once.ts';
import type { CountersServer } from '../counters-server.ts';
import type { RedisCountersSettings } from './settings.ts';

/** The counters of `redis-counters.ts`, whose client is loaded at the first count. */
export function lazyRedisCounters(settings: RedisCountersSettings): CountersServer {
  const counters = loadedOnce(async (): Promise<CountersServer> => {
    const { createRedisCounters } = await import('./redis-counters.ts');
    return createRedisCounters(settings);
  });
  return {
    add: async (...args) => (await counters.get()).add(...args),
    state: () => counters.now?.state() ?? { state: 'unused' },
    close: async () => (await counters.begun())?.close(),
  };
}
