import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { HydrogenError } from '../../src/errors.ts';
import { type Backend, createBackend } from '../../src/stores/backend.ts';
import { testCall } from '../support/call.ts';

/** What a client throws: `lost` where the server is at fault, `refused` where the request is. */
const inWords = (error: unknown): HydrogenError => {
  const text = error instanceof Error ? error.message : '';
  return text === 'refused'
    ? new HydrogenError('bad_input', 'The request is wrong.')
    : new HydrogenError('unavailable', 'The test server (setting testUrl) cannot be reached.', {
        ...(text === 'unsent' && { reason: 'not_sent' }),
      });
};

const backend = (more: { timeoutMs?: number; maxConcurrent?: number; maxWaiting?: number } = {}): Backend =>
  createBackend({
    system: 'mongodb',
    name: 'The test server (setting testUrl)',
    timeoutMs: 2_000,
    inWords,
    ...more,
  });

/** Work that fails so many times before it succeeds. */
function failing(times: number, text = 'lost') {
  const work = {
    attempts: 0,
    async run(): Promise<string> {
      work.attempts++;
      if (work.attempts <= times) throw new Error(text);
      return 'done';
    },
  };
  return work;
}

async function down(server: Backend): Promise<void> {
  for (let i = 0; i < 5; i++) await server.use(testCall(), failing(1).run).catch(() => {});
}

test('what may be repeated survives a short outage', async () => {
  const work = failing(2);
  expect(await backend().use(testCall(), work.run, { repeatable: true })).toBe('done');
});

test('what must not be done twice is tried once', async () => {
  const work = failing(1);
  await expect(backend().use(testCall(), work.run)).rejects.toThrow('cannot be reached');
  expect(work.attempts).toBe(1);
});

test('what was never sent is tried again, whatever it is', async () => {
  const work = failing(1, 'unsent');
  expect(await backend().use(testCall(), work.run)).toBe('done');
});

test('a request that the server refuses is not repeated, and does not count as an outage', async () => {
  const server = backend();
  const work = failing(9, 'refused');
  await expect(server.use(testCall(), work.run, { repeatable: true })).rejects.toThrow(
    'The request is wrong.',
  );
  expect([work.attempts, server.state().state]).toEqual([1, 'unused']);
});

test('a server that accepts and never answers is given up after its time limit, in words', async () => {
  const server = backend({ timeoutMs: 50 });
  const silent = server.use(testCall(), () => new Promise(() => {}));
  await expect(silent).rejects.toThrow(
    'The test server (setting testUrl) does not answer: it was given 0.1 s. Check that it runs',
  );
});

test('nothing waits longer than its call, which is no outage of the server', async () => {
  const server = backend();
  const call = { ...testCall(), deadline: Date.now() + 50 };
  await expect(server.use(call, () => new Promise(() => {}))).rejects.toMatchObject({ code: 'timeout' });
  expect(server.state().state).toBe('unused');
});

test('a cancelled call ends at once', async () => {
  const control = new AbortController();
  const waiting = backend().use({ ...testCall(), signal: control.signal }, () => new Promise(() => {}));
  control.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
});

test('after failures in a row, calls fail at once with the reason, and the server is left alone', async () => {
  const server = backend();
  await down(server);
  const work = failing(0);
  await expect(server.use(testCall(), work.run)).rejects.toThrow(
    /\(setting testUrl\) cannot be reached.*It has failed since \d\d:\d\d UTC/,
  );
  expect(work.attempts).toBe(0);
});

test('a server that is back is used again within two seconds', async () => {
  const server = backend();
  await down(server);
  await delay(1_100);
  expect(await server.use(testCall(), failing(0).run)).toBe('done');
  expect(server.state()).toEqual({ state: 'up' });
});

test('the state says since when a server is down, and why', async () => {
  const server = backend();
  const before = Date.now();
  await server.use(testCall(), failing(1).run).catch(() => {});
  const first = server.state();
  await server.use(testCall(), failing(1).run).catch(() => {});
  expect(first).toMatchObject({ state: 'down', why: expect.stringContaining('cannot be reached') });
  expect(first.state === 'down' && first.since >= before).toBe(true);
  expect(server.state()).toEqual(first);
});

test('more calls than a server can take at once wait for their turn', async () => {
  const server = backend({ maxConcurrent: 2 });
  let [now, most] = [0, 0];
  const work = async (): Promise<void> => {
    most = Math.max(most, ++now);
    await delay(5);
    now--;
  };
  await Promise.all(Array.from({ length: 10 }, () => server.use(testCall(), work)));
  expect(most).toBe(2);
});

test('calls beyond those that may wait are refused with the reason', async () => {
  const server = backend({ maxConcurrent: 1, maxWaiting: 1 });
  const calls = Array.from({ length: 3 }, () => server.use(testCall(), () => delay(20)));
  const results = await Promise.allSettled(calls);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(String((results[2] as PromiseRejectedResult).reason)).toContain('2 calls are waiting for it');
});

test('a call that hangs while it tries whether the server is back keeps no other waiting', async () => {
  const server = backend({ timeoutMs: 300 });
  await down(server);
  await delay(1_100);
  const began = Date.now();
  const probe = server.use(testCall(), () => new Promise(() => {}), { timeoutMs: 60_000 });
  await expect(server.use(testCall(), failing(0).run)).rejects.toThrow('cannot be reached');
  expect(Date.now() - began).toBeLessThan(250);
  await expect(probe).rejects.toThrow('does not answer');
  expect(Date.now() - began).toBeLessThan(2_000);
});

test('a call that ends while it tries is told so at once, and what it learns counts', async () => {
  const server = backend();
  await down(server);
  await delay(1_100);
  const control = new AbortController();
  let answer = (_: string): void => {};
  const probe = server.use(
    { ...testCall(), signal: control.signal },
    () => new Promise((resolve) => (answer = resolve)),
  );
  control.abort();
  await expect(probe).rejects.toMatchObject({ code: 'cancelled' });
  expect(server.state().state).toBe('down');
  await expect(server.use(testCall(), failing(0).run)).rejects.toThrow('cannot be reached');
  answer('here');
  await delay(10);
  expect(await server.use(testCall(), failing(0).run)).toBe('done');
});

test('a call that has little time left and tries gives the server its own time', async () => {
  const server = backend({ timeoutMs: 300 });
  await down(server);
  await delay(1_100);
  const slow = (): Promise<string> => delay(150, 'done');
  const short = server.use({ ...testCall(), deadline: Date.now() + 50 }, slow);
  await expect(short).rejects.toMatchObject({ code: 'timeout' });
  await delay(150);
  expect(await server.use(testCall(), failing(0).run)).toBe('done');
});

test('work whose call ended while it waited for its turn is not begun', async () => {
  const server = backend({ maxConcurrent: 1 });
  const long = server.use(testCall(), () => delay(150));
  const work = failing(0);
  await expect(server.use({ ...testCall(), deadline: Date.now() + 50 }, work.run)).rejects.toMatchObject({
    code: 'timeout',
  });
  await long;
  await delay(20);
  expect(work.attempts).toBe(0);
});
