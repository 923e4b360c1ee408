import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { Cache } from '../../../src/stores/cache/cache.ts';
import { createMemoryCache } from '../../../src/stores/cache/memory.ts';
import { createRedisCache } from '../../../src/stores/cache/redis/redis-cache.ts';
import { testCall } from '../../support/call.ts';
import { hasRedis, type RedisServer, redisSkip, startRedis } from '../../support/servers/redis.ts';
import { ask, cacheContract, counted, keyOf, sharedCacheContract } from './contract.ts';

cacheContract({ name: 'memory', open: async () => [createMemoryCache()] });

describe('the cache of one process', () => {
  test('what was used longest ago gives way', async () => {
    const cache = createMemoryCache({ maxBytes: 20 * 400 });
    const value = counted('value'.padEnd(100));
    for (let i = 0; i < 100; i++) {
      await ask(cache, keyOf(`${i}`), value);
      await ask(cache, keyOf('0'), value);
    }
    expect(value.times).toBe(100);
    await ask(cache, keyOf('1'), value);
    expect(value.times).toBe(101);
  });

  test('a value that is too large is computed each time', async () => {
    const cache = createMemoryCache({ maxBytes: 1_000 });
    const value = counted('value'.padEnd(500));
    await ask(cache, keyOf('a'), value);
    await ask(cache, keyOf('a'), value);
    expect(value.times).toBe(2);
  });

  test('tags without number are counted in bounded memory, and nothing stale comes back', async () => {
    const cache = createMemoryCache();
    const value = counted();
    await ask(cache, keyOf('a', ['t']), value);
    await cache.invalidate(['t'], testCall());
    for (let i = 0; i < 11; i++) {
      await cache.invalidate(
        Array.from({ length: 1_000 }, (_, j) => `${i} ${j}`),
        testCall(),
      );
    }
    await ask(cache, keyOf('a', ['t']), value);
    expect(value.times).toBe(2);
  });
});

let server: RedisServer;
beforeAll(async () => {
  if (hasRedis) server = await startRedis();
});
afterAll(() => server?.kill());

let tests = 0;
async function onRedis(nodes: number): Promise<readonly [Cache, ...Cache[]]> {
  const prefix = `test${tests++}:`;
  const one = () => {
    const cache = createRedisCache({
      ...{ url: server.url, setting: 'setting redisUrl', prefix, lockMs: 1_500, timeoutMs: 5_000 },
      patienceMs: 2_500,
      log: createLog('silent'),
    });
    onTestFinished(() => cache.close());
    return cache;
  };
  return [one(), ...Array.from({ length: nodes - 1 }, one)];
}

describe.skipIf(!hasRedis)(`Redis${redisSkip}`, () => {
  cacheContract({ name: 'redis', open: onRedis });
});
sharedCacheContract({ name: `redis${redisSkip}`, open: onRedis }, !hasRedis);
