import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import type { Counters } from '../../../src/policy/counters.ts';
import { createMemoryCounters } from '../../../src/stores/limits/memory.ts';
import { lazyRedisCounters } from '../../../src/stores/limits/redis/lazy.ts';
import { hasRedis, type RedisServer, redisSkip, startRedis } from '../../support/servers/redis.ts';

const seconds = { minute: 2, hour: 3_600 };

async function redis(): Promise<RedisServer> {
  const server = await startRedis();
  onTestFinished(() => server.kill());
  return server;
}

function countersOn({ url }: RedisServer, log = createLog('silent')) {
  const counters = lazyRedisCounters({
    url,
    setting: 'setting redisUrl',
    prefix: 'test:',
    timeoutMs: 500,
    meanwhile: createMemoryCounters({ seconds }),
    seconds,
    log,
  });
  onTestFinished(() => counters.close());
  return counters;
}

const kinds: readonly (readonly [string, boolean, () => Promise<Counters>])[] = [
  ['memory', true, async () => createMemoryCounters({ seconds })],
  [`Redis${redisSkip}`, hasRedis, async () => countersOn(await redis())],
];

describe.each(kinds)('counters in %s', (_name, isThere, opened) => {
  test.runIf(isThere)('add up what is used under a key, and say when they begin again', async () => {
    const counters = await opened();
    await counters.add('a', 2, 'hour');
    const { used, endsInMs } = await counters.add('a', 3, 'hour');
    expect(used).toBe(5);
    expect(endsInMs).toBeGreaterThan(3_500_000);
    expect(endsInMs).toBeLessThanOrEqual(3_600_000);
  });

  test.runIf(isThere)('look without counting', async () => {
    const counters = await opened();
    expect(await counters.add('a', 0, 'hour')).toEqual({ used: 0, endsInMs: 3_600_000 });
    await counters.add('a', 1, 'hour');
    expect((await counters.add('a', 0, 'hour')).used).toBe(1);
  });

  test.runIf(isThere)('count keys and windows apart', async () => {
    const counters = await opened();
    await counters.add('a', 1, 'hour');
    expect((await counters.add('b', 1, 'hour')).used).toBe(1);
    expect((await counters.add('a', 1, 'minute')).used).toBe(1);
  });

  test.runIf(isThere)('begin again when the window is over', async () => {
    const counters = await opened();
    await counters.add('a', 7, 'minute');
    await vi.waitFor(async () => expect((await counters.add('a', 0, 'minute')).used).toBe(0), 5_000);
    expect((await counters.add('a', 1, 'minute')).used).toBe(1);
  });
});

test.runIf(hasRedis)('nodes that share a Redis count together', async () => {
  const server = await redis();
  const [one, other] = [countersOn(server), countersOn(server)];
  await one.add('a', 4, 'hour');
  expect((await other.add('a', 1, 'hour')).used).toBe(5);
});

test.runIf(hasRedis)(
  'while Redis is away a node counts alone and says so once, and together with the others when it is back',
  async () => {
    const server = await redis();
    const lines: string[] = [];
    const log = createLog('silent');
    const counters = countersOn(
      server,
      Object.assign(Object.create(log), {
        warn: (_: object, text: string) => lines.push(text),
        info: (text: string) => lines.push(text),
      }),
    );
    await counters.add('a', 5, 'hour');
    await server.kill();
    expect((await counters.add('a', 1, 'hour')).used).toBe(1);
    expect((await counters.add('a', 1, 'hour')).used).toBe(2);
    expect(lines).toEqual(['limits are counted by this node alone']);
    await server.restart();
    await vi.waitFor(async () => {
      await counters.add('b', 0, 'hour');
      expect(lines.at(-1)).toBe('limits are counted for all nodes together again');
    }, 20_000);
    await countersOn(server).add('b', 7, 'hour');
    expect((await counters.add('b', 1, 'hour')).used).toBe(8);
  },
);
