// A cache that fails makes calls slower at most: they compute, and the state says what is wrong with the server.
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { CacheServer } from '../../../src/stores/cache/cache.ts';
import { lazyRedisCache } from '../../../src/stores/cache/redis/lazy.ts';
import { testCall } from '../../support/call.ts';
import { freePort } from '../../support/servers/program.ts';
import { hasRedis, type RedisServer, redisSkip, startRedis } from '../../support/servers/redis.ts';
import { hasToxiproxy, startToxiproxy, toxiproxySkip } from '../../support/servers/toxiproxy.ts';
import { ask, counted, keyOf } from './contract.ts';

function cacheOn(url: string, timeoutMs = 500): CacheServer {
  const cache = lazyRedisCache({ url, setting: 'setting redisUrl', timeoutMs, log: createLog('silent') });
  onTestFinished(() => cache.close());
  return cache;
}

async function redis(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.kill());
  return server;
}

/** What a server that cannot be used is said to be; it must not hold the server's address or password. */
async function complaintOf(cache: CacheServer): Promise<string> {
  const failed = await cache.ping(testCall()).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
  const state = cache.state();
  const why = state.state === 'down' ? state.why : '';
  // After some failures it also says since when.
  expect(failed.startsWith(why)).toBe(true);
  expect(failed).not.toMatch(/127\.0\.0\.1|secret|localhost/);
  return why;
}

/** Every call ends with a value of its own, soon. */
async function expectComputed(cache: CacheServer, calls = 8): Promise<void> {
  const value = counted();
  for (let i = 1; i <= calls; i++) {
    const begun = performance.now();
    expect(await ask(cache, keyOf('a', ['t']), value)).toBe(`value ${i}`);
    await cache.invalidate(['t'], testCall());
    expect(performance.now() - begun).toBeLessThan(5_000);
  }
}

test('before it is used nothing connects', () => {
  const cache = cacheOn('redis://127.0.0.1:1');
  expect(cache.state()).toEqual({ state: 'unused' });
});

test('many calls that come at once wait for one connection, and none listens for itself', async () => {
  const server = createServer(() => {});
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const warnings: string[] = [];
  const hear = ({ message }: Error): number => warnings.push(message);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const cache = cacheOn(`redis://127.0.0.1:${port}`);
  const value = counted();
  await Promise.all(Array.from({ length: 20 }, (_, i) => ask(cache, keyOf(`${i}`, ['t']), value)));
  expect(warnings).toEqual([]);
});

test('where nothing listens, values are computed, and the state says so', async () => {
  const cache = cacheOn(`redis://127.0.0.1:${await freePort()}`);
  await expectComputed(cache);
  expect(await complaintOf(cache)).toBe(
    'The Redis server (setting redisUrl) cannot be reached: nothing listens at its address. Check that it runs; what it would keep is computed each time meanwhile.',
  );
});

test('a host that does not exist is said', async () => {
  const cache = cacheOn('redis://:secret@redis.invalid:6379', 5_000);
  await expectComputed(cache, 2);
  expect(await complaintOf(cache)).toContain('its host name cannot be resolved. Correct its URL');
});

test('a server that accepts and never answers costs a call its patience, and soon nothing', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const cache = cacheOn(`redis://127.0.0.1:${port}`, 200);
  await expectComputed(cache);
  expect(await complaintOf(cache)).toMatch(/does not answer/);
  const begun = performance.now();
  for (let i = 0; i < 20; i++) await ask(cache, keyOf('a'), counted());
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test('a server that speaks something else is said', async () => {
  const other = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const cache = cacheOn(`redis://127.0.0.1:${port}`);
  await expectComputed(cache, 2);
  expect(await complaintOf(cache)).toMatch(/does not speak Redis|closed the connection/);
});

describe.skipIf(!hasRedis)(`Redis${redisSkip}`, () => {
  test('a wrong password is said, and not shown', async () => {
    const server = await redis({ password: 'right' });
    const cache = cacheOn(`redis://:secret@127.0.0.1:${server.port}`);
    await expectComputed(cache);
    expect(await complaintOf(cache)).toBe(
      'The Redis server (setting redisUrl) rejects the user or password. Correct them in its URL; what it would keep is computed each time meanwhile.',
    );
  });

  test('a missing password is said; with the right one it works', async () => {
    const server = await redis({ password: 'right' });
    const without = cacheOn(`redis://127.0.0.1:${server.port}`);
    expect(await complaintOf(without)).toContain('rejects the user or password');
    const value = counted();
    const cache = cacheOn(server.url);
    for (let i = 0; i < 2; i++) expect(await ask(cache, keyOf('a'), value)).toBe('value 1');
    expect(cache.state()).toEqual({ state: 'up' });
  });

  test('TLS where the server has none is said', async () => {
    const server = await redis();
    const cache = cacheOn(`rediss://127.0.0.1:${server.port}`);
    await expectComputed(cache, 2);
    expect(await complaintOf(cache)).toMatch(/rediss:\/\//);
  });

  test('a full server is said, and values are computed', async () => {
    const server = await redis({ more: ['--maxmemory', '1mb', '--maxmemory-policy', 'noeviction'] });
    const cache = cacheOn(server.url);
    await expectComputed(cache, 2);
    expect(await complaintOf(cache)).toBe(
      'The Redis server (setting redisUrl) is full: its memory limit (maxmemory) is reached, and it makes no room. Raise maxmemory, or let it evict keys (maxmemory-policy); what it would keep is computed each time meanwhile.',
    );
  });

  test('a server that evicts may forget anything; nothing stale comes back', async () => {
    const server = await redis({ more: ['--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-random'] });
    const cache = cacheOn(server.url);
    const large = counted('value'.padEnd(50_000));
    let version = 0;
    const current = { compute: async () => new TextEncoder().encode(`version ${version}`) };
    for (let i = 0; i < 200; i++) {
      await ask(cache, keyOf(`large ${i}`, ['large']), large);
      if (i % 5 === 0) {
        version++;
        await cache.invalidate(['t'], testCall());
      }
      expect(await ask(cache, keyOf('a', ['t']), current)).toBe(`version ${version}`);
    }
  });

  test('a crash of the server costs no call, and the cache comes back by itself', async () => {
    const server = await redis();
    const cache = cacheOn(server.url);
    const value = counted();
    expect(await ask(cache, keyOf('a'), value)).toBe('value 1');
    await server.kill();
    await expectComputed(cache, 6);
    await server.restart();
    const begun = performance.now();
    const again = counted('again');
    await expect
      .poll(async () => [await ask(cache, keyOf('b'), again), await ask(cache, keyOf('b'), again)], {
        timeout: 10_000,
      })
      .toSatisfy(([one, two]: string[]) => one === two);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(cache.state()).toEqual({ state: 'up' });
  });

  test('a change that a crashed server has lost makes nothing stale come back', async () => {
    const server = await redis({ appendOnly: true, more: ['--appendfsync', 'no'] });
    const cache = cacheOn(server.url);
    expect(await ask(cache, keyOf('a', ['t']), counted('before'))).toBe('before 1');
    await server.stop();
    await server.restart();
    // The value is there, as it would be if only the last second was lost, with a change in it.
    await expect
      .poll(
        () =>
          cache.ping(testCall()).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    expect(await ask(cache, keyOf('a', ['t']), counted('after'))).toBe('after 1');
  });

  test('a change while the server is away is told when it is back; until then nothing stale is used', async () => {
    const server = await redis();
    const [here, there] = [cacheOn(server.url, 200), cacheOn(server.url, 200)];
    const value = counted();
    expect(await ask(here, keyOf('a', ['t']), value)).toBe('value 1');
    expect(await ask(there, keyOf('a', ['t']), value)).toBe('value 1');
    await server.pause();
    await here.invalidate(['t'], testCall());
    expect(await ask(here, keyOf('a', ['t']), value)).toBe('value 2');
    server.resume();
    await expect.poll(() => ask(there, keyOf('a', ['t']), value), { timeout: 10_000 }).not.toBe('value 1');
    expect(await ask(here, keyOf('a', ['t']), value)).not.toBe('value 1');
  });

  test('a stopped server costs a call its patience', async () => {
    const server = await redis();
    const cache = cacheOn(server.url, 200);
    await ask(cache, keyOf('b'), counted());
    await server.pause();
    await expectComputed(cache);
    expect(cache.state().state).toBe('down');
    server.resume();
    const value = counted();
    await expect
      .poll(
        async () => {
          await ask(cache, keyOf('c'), value);
          return cache.state().state;
        },
        { timeout: 10_000 },
      )
      .toBe('up');
  });

  test.skipIf(!hasToxiproxy)(`a slow server costs a call its patience${toxiproxySkip}`, async () => {
    const server = await redis();
    const proxies = await startToxiproxy();
    onTestFinished(() => proxies.stop());
    const proxy = await proxies.to(server.port);
    const cache = cacheOn(`redis://127.0.0.1:${proxy.port}`, 2_000);
    const value = counted();
    await ask(cache, keyOf('a'), value);
    await proxy.slow(1_000);
    const begun = performance.now();
    const { value: got } = await cache.remember(
      keyOf('a'),
      { ttlMs: 60_000, patienceMs: 50 },
      value.compute,
      testCall(),
    );
    expect(new TextDecoder().decode(got)).toBe('value 2');
    expect(performance.now() - begun).toBeLessThan(900);
    await proxy.cut();
    await expectComputed(cache, 2);
    await proxy.heal();
    await delay(100);
    const again = counted();
    await expect
      .poll(async () => [await ask(cache, keyOf('b'), again), await ask(cache, keyOf('b'), again)], {
        timeout: 10_000,
      })
      .toSatisfy(([one, two]: string[]) => one === two);
  });
});
