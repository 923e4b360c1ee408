// The journal decides; these wake. What is lost is found later, and nothing waits for a server that is away.
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';
import { lazyBullmqWakeUps } from '../../../src/stores/queue/bullmq/lazy.ts';
import type { WakeUpsServer } from '../../../src/stores/queue/wake-ups.ts';
import { testCall } from '../../support/call.ts';
import { freePort } from '../../support/servers/program.ts';
import { hasRedis, type RedisServer, redisSkip, startRedis } from '../../support/servers/redis.ts';

function wakeUpsOn(url: string): WakeUpsServer {
  const wakeUps = lazyBullmqWakeUps({
    url,
    setting: 'setting redisUrl',
    busyMs: 50,
    log: createLog('silent'),
  });
  onTestFinished(() => wakeUps.close());
  return wakeUps;
}

async function redis(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.kill());
  return server;
}

/** A node that is woken, and how often it was; it has room unless it is said to be full. */
async function node(server: RedisServer, isFull = (): boolean => false) {
  const wakeUps = wakeUpsOn(server.url);
  const woken = { times: 0 };
  await wakeUps.onWake(async () => {
    if (isFull()) return false;
    woken.times++;
    return true;
  });
  return { wakeUps, woken };
}

const soon = { timeout: 10_000 };

async function expectQuick(wakeUps: WakeUpsServer): Promise<void> {
  const begun = performance.now();
  await wakeUps.wake('run-1');
  expect(performance.now() - begun).toBeLessThan(2_000);
}

test('before it is used nothing connects', () => {
  expect(wakeUpsOn('redis://127.0.0.1:1').state()).toEqual({ state: 'unused' });
});

test('a URL that cannot be read is said, and not shown', async () => {
  const complaint = await wakeUpsOn('redis://:pa#s3cret@127.0.0.1:6379')
    .onWake(async () => true)
    .catch((error: unknown) => error);
  expect(inspect(complaint, { depth: 10 })).toContain(
    'The Redis server (setting redisUrl) has a URL that cannot be read. Percent-encode special characters in its user and password.',
  );
  expect(inspect(complaint, { depth: 10 })).not.toContain('s3cret');
});

test('a server that is away keeps nobody waiting, and is said', async () => {
  const wakeUps = wakeUpsOn(`redis://:secret@127.0.0.1:${await freePort()}`);
  await wakeUps.onWake(async () => true);
  await expectQuick(wakeUps);
  await expect(wakeUps.ping(testCall())).rejects.toThrow(
    'The Redis server (setting redisUrl) cannot be reached: nothing listens at its address. Check that it runs; runs go on, but nodes look for them by themselves, which is later.',
  );
  expect(wakeUps.state().state).toBe('down');
});

describe.skipIf(!hasRedis)(`Redis${redisSkip}`, () => {
  test('a run wakes one node', async () => {
    const server = await redis();
    const nodes = [await node(server), await node(server), await node(server)];
    for (let i = 0; i < 9; i++) await nodes[0]?.wakeUps.wake(`run-${i}`);
    const times = (): number => nodes.reduce((sum, { woken }) => sum + woken.times, 0);
    await expect.poll(times, soon).toBe(9);
    await delay(300);
    expect(times()).toBe(9);
  });

  test('a node that has no room leaves it to one that has', async () => {
    const server = await redis();
    const full = await node(server, () => true);
    const free = await node(server);
    for (let i = 0; i < 5; i++) await full.wakeUps.wake(`run-${i}`);
    await expect.poll(() => free.woken.times, soon).toBe(5);
  });

  test('a node that ends leaves to others what it had no room for', async () => {
    const server = await redis();
    let offered = 0;
    const ending = wakeUpsOn(server.url);
    await ending.onWake(async () => {
      offered++;
      setImmediate(() => void ending.close());
      return false;
    });
    await ending.wake('run-1');
    await expect.poll(() => offered, soon).toBe(1);
    const { woken } = await node(server);
    await expect.poll(() => woken.times, soon).toBe(1);
  });

  test('a run that waits for a time wakes a node then, not before', async () => {
    const server = await redis();
    const { wakeUps, woken } = await node(server);
    const at = Date.now() + 1_200;
    await wakeUps.wake('run-1', at);
    await delay(600);
    expect(woken.times).toBe(0);
    await expect.poll(() => woken.times, soon).toBe(1);
    expect(Date.now()).toBeGreaterThanOrEqual(at - 50);
  });

  test('the same run may wake again', async () => {
    const server = await redis();
    const { wakeUps, woken } = await node(server);
    for (let i = 1; i <= 3; i++) {
      await wakeUps.wake('run-1');
      await expect.poll(() => woken.times, soon).toBe(i);
    }
  });

  test('a wrong password is said, and not shown', async () => {
    const server = await redis({ password: 'right' });
    const wakeUps = wakeUpsOn(`redis://:secret@127.0.0.1:${server.port}`);
    await expectQuick(wakeUps);
    await expect(wakeUps.ping(testCall())).rejects.toThrow(/rejects the user or password/);
  });

  test('a stopped server keeps nobody waiting; when it goes on, nodes are woken', async () => {
    const server = await redis();
    const { wakeUps, woken } = await node(server);
    await wakeUps.wake('run-1');
    await expect.poll(() => woken.times, soon).toBe(1);
    await server.pause();
    await expectQuick(wakeUps);
    server.resume();
    await delay(200);
    const before = woken.times;
    await wakeUps.wake('run-2');
    await expect.poll(() => woken.times, soon).toBeGreaterThan(before);
  });

  test('a server that crashes and comes back empty wakes again', async () => {
    const server = await redis();
    const { wakeUps, woken } = await node(server);
    await wakeUps.wake('run-1');
    await expect.poll(() => woken.times, soon).toBe(1);
    await server.kill();
    await expectQuick(wakeUps);
    await server.restart();
    await expect
      .poll(async () => {
        await wakeUps.wake('run-2');
        return woken.times;
      }, soon)
      .toBeGreaterThan(1);
  });

  test('a server that may lose what is queued says why', async () => {
    const careless = wakeUpsOn((await redis()).url);
    await careless.ping(testCall());
    await expect
      .poll(() => careless.caveat(), soon)
      .toBe(
        'it writes no append-only file (appendonly no), so a crash loses what is queued: runs are then found late, and none is lost',
      );
    const evicting = await redis({
      appendOnly: true,
      more: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
    });
    const wakeUps = wakeUpsOn(evicting.url);
    await wakeUps.ping(testCall());
    await expect.poll(() => wakeUps.caveat(), soon).toMatch(/^it evicts keys when it is full/);
    const safe = wakeUpsOn((await redis({ appendOnly: true })).url);
    await safe.ping(testCall());
    await delay(100);
    expect(safe.caveat()).toBeUndefined();
  });

  test('closing takes a moment, also while the server is stopped', async () => {
    const server = await redis();
    const { wakeUps } = await node(server);
    await wakeUps.wake('run-1');
    await server.pause();
    const begun = performance.now();
    await wakeUps.close();
    expect(performance.now() - begun).toBeLessThan(4_000);
    server.resume();
  });
});
