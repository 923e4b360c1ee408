import type { CountersServer } from '../counters-server.ts';
import type { RedisCountersSettings } from './settings.ts';

/** The counters of `redis-counters.ts`, whose client is loaded at the first count. */
export function lazyRedisCounters(settings: RedisCountersSettings): CountersServer {
  let loading: Promise<CountersServer> | undefined;
  let loaded: CountersServer | undefined;
  async function load(): Promise<CountersServer> {
    const { createRedisCounters } = await import('./redis-counters.ts');
    loaded = createRedisCounters(settings);
    return loaded;
  }
  return {
    async add(key, amount, window) {
      loading ??= load();
      return (await loading).add(key, amount, window);
    },
    state: () => loaded?.state() ?? { state: 'unused' },
    // What failed to load has nothing to close.
    close: async () =>
      loading?.then(
        (made) => made.close(),
        () => {},
      ),
  };
}
