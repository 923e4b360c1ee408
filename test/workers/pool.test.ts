import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type CallBounds, duringCall, onCallEnd } from '../../src/call-end.ts';
import { HydrogenError } from '../../src/errors.ts';
import { endMessage, readyMessage, type WorkerEnd, type WorkerHandle } from '../../src/workers/handle.ts';
import { createPool, type Pool } from '../../src/workers/pool.ts';

/** A worker that does what the test has it do, and what became of it. */
class Stand implements WorkerHandle<unknown> {
  readonly said: unknown[] = [];
  isKept = true;
  readonly #lost = Promise.withResolvers<WorkerEnd>();
  readonly #exited = Promise.withResolvers<void>();
  readonly lost = this.#lost.promise;
  readonly exited = this.#exited.promise;
  say: (reply: unknown) => void = () => {};

  post(message: unknown): void {
    this.said.push(message);
  }
  onMessage(listener: (reply: unknown) => void): void {
    this.say = listener;
  }
  ref(): void {
    this.isKept = true;
  }
  unref(): void {
    this.isKept = false;
  }
  dismiss(): void {
    this.said.push(endMessage);
  }
  kill(): void {
    this.said.push('killed');
  }
  end(cause: unknown = 'exit 0'): void {
    this.#lost.resolve({ cause, code: 0, signal: null });
    this.#exited.resolve();
  }
}

interface Options {
  readonly size?: number;
  readonly idleMs?: number;
  readonly graceMs?: number;
  readonly computeMs?: number;
  readonly noticeMs?: number;
}

function pooled({ size = 1, idleMs = 60_000, graceMs = 60_000, computeMs, noticeMs }: Options = {}): {
  readonly pool: Pool<string, unknown>;
  readonly workers: Stand[];
} {
  const workers: Stand[] = [];
  const pool = createPool<string, unknown, unknown, Stand>({
    start() {
      const worker = new Stand();
      workers.push(worker);
      return worker;
    },
    size,
    idleMs,
    graceMs,
    isUrgent: (job) => job.startsWith('urgent'),
    ...(noticeMs !== undefined && { notice: { ms: noticeMs, notify: ({ said }) => void said.push('told') } }),
    begin: ({ worker, job }) => worker.post(job),
    computes({ after, abandon }) {
      if (computeMs !== undefined)
        after(computeMs, () => abandon(new HydrogenError('too_large', 'computed')));
    },
    receive: (reply, { resolve }) => resolve(reply),
    lost: ({ reject }, { cause }, isReady) =>
      reject(new HydrogenError('internal', `${isReady ? 'lost' : 'not started'}: ${cause}`)),
  });
  onTestFinished(() => {
    const closed = pool.close();
    for (const worker of workers) worker.end();
    return closed;
  });
  return { pool, workers };
}

const call = (bounds: Partial<CallBounds> = {}): CallBounds => ({
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  ...bounds,
});
const soon = () => call({ deadline: Date.now() + 20 });

test('a worker is started with the first job, has one at a time, and keeps the process while it works', async () => {
  const { pool, workers } = pooled();
  expect(workers).toEqual([]);
  const first = pool.run('a', call());
  const second = pool.run('b', call());
  const [worker] = workers;
  expect(worker).toMatchObject({ said: ['a'], isKept: true });
  worker?.say('A');
  expect(await first).toBe('A');
  await sleep(0);
  expect(worker).toMatchObject({ said: ['a', 'b'], isKept: true });
  worker?.say('B');
  expect(await second).toBe('B');
  expect(worker?.isKept).toBe(false);
  expect(workers).toHaveLength(1);
});

test('an urgent job begins before those that wait, behind urgent ones that came earlier', async () => {
  const { pool, workers } = pooled();
  const names = ['a', 'b', 'urgent c', 'urgent d'];
  const jobs = names.map((name) => pool.run(name, call()));
  for (const _ of names) {
    workers[0]?.say('done');
    await sleep(0);
  }
  await Promise.all(jobs);
  expect(workers[0]?.said).toEqual(['a', 'urgent c', 'urgent d', 'b']);
});

test('a second worker is started once the first is up', async () => {
  const { pool, workers } = pooled({ size: 2 });
  const jobs = [pool.run('a', call()), pool.run('b', call())];
  for (const job of jobs) job.catch(() => {});
  expect(workers).toHaveLength(1);
  workers[0]?.say(readyMessage);
  expect(workers.map(({ said }) => said)).toEqual([['a'], ['b']]);
});

test('a job that waits is answered when its call is cancelled or late, and disturbs nobody', async () => {
  const { pool, workers } = pooled();
  const control = new AbortController();
  const running = pool.run('a', call());
  const cancelled = pool.run('b', call({ signal: control.signal }));
  const late = pool.run('c', soon());
  control.abort();
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  await expect(late).rejects.toMatchObject({ code: 'timeout', reason: 'late' });
  workers[0]?.say('A');
  expect(await running).toBe('A');
  expect(workers[0]?.said).toEqual(['a']);
});

test('a call that is over before it begins starts no worker', async () => {
  const { pool, workers } = pooled();
  await expect(pool.run('a', call({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: 'cancelled',
  });
  const words = () => new HydrogenError('bad_input', 'too long');
  await expect(pool.run('a', call({ deadline: 0 }), words)).rejects.toThrow('too long');
  expect(workers).toEqual([]);
});

test('the worker of a call that is over is killed, and the next job has a new one', async () => {
  const { pool, workers } = pooled();
  await expect(pool.run('a', soon())).rejects.toMatchObject({ code: 'timeout' });
  expect(workers[0]?.said).toEqual(['a', 'killed']);
  const next = pool.run('b', call());
  workers[0]?.say('too late');
  workers[1]?.say('B');
  expect(await next).toBe('B');
});

test('where a worker can be told, it is killed only when it does not notice', async () => {
  const { pool, workers } = pooled({ noticeMs: 40 });
  const control = new AbortController();
  const noticed = pool.run('a', call({ signal: control.signal }));
  control.abort();
  expect(workers[0]?.said).toEqual(['a', 'told']);
  workers[0]?.say('stopped');
  expect(await noticed).toBe('stopped');

  const other = new AbortController();
  const deaf = pool.run('b', call({ signal: other.signal }));
  other.abort();
  await expect(deaf).rejects.toMatchObject({ code: 'cancelled' });
  expect(workers[0]?.said).toEqual(['a', 'told', 'b', 'told', 'killed']);
});

test('what a job may compute is counted from when its worker is ready', async () => {
  const { pool, workers } = pooled({ computeMs: 30 });
  const job = pool.run('a', call());
  await sleep(60);
  expect(workers[0]?.said).toEqual(['a']);
  workers[0]?.say(readyMessage);
  await expect(job).rejects.toThrow('computed');
  expect(workers[0]?.said).toEqual(['a', 'killed']);
});

test('the loss of a worker is told in the words of who uses it, before and after it was ready', async () => {
  const { pool, workers } = pooled();
  const first = pool.run('a', call());
  workers[0]?.end('no memory');
  await expect(first).rejects.toThrow('not started: no memory');
  const second = pool.run('b', call());
  workers[1]?.say(readyMessage);
  workers[1]?.end('crash');
  await expect(second).rejects.toThrow('lost: crash');
});

test('a worker that cannot be started costs the job that needed it, and no other', async () => {
  const worker = new Stand();
  let fails = true;
  const pool = createPool<string, unknown, unknown, Stand>({
    start() {
      if (fails) throw new HydrogenError('unavailable', 'No pipes.');
      return worker;
    },
    idleMs: 1_000,
    graceMs: 1_000,
    begin: ({ worker, job }) => worker.post(job),
    receive: (reply, { resolve }) => resolve(reply),
    lost: ({ reject }, { cause }) => reject(cause),
  });
  await expect(pool.run('a', call())).rejects.toThrow('No pipes.');
  fails = false;
  const next = pool.run('b', call());
  worker.say('B');
  expect(await next).toBe('B');
});

test('a worker without work is let go after a while, and killed when it stays', async () => {
  const { pool, workers } = pooled({ idleMs: 10, graceMs: 20 });
  const job = pool.run('a', call());
  workers[0]?.say('A');
  await job;
  await expect.poll(() => workers[0]?.said).toEqual(['a', endMessage, 'killed']);
  expect(workers[0]?.isKept).toBe(true);
});

test('closing refuses what waits, ends what runs, and waits until the worker is gone', async () => {
  const { pool, workers } = pooled();
  const running = pool.run('a', call());
  const waiting = pool.run('b', call());
  let isClosed = false;
  const closed = pool.close().then(() => {
    isClosed = true;
  });
  for (const job of [running, waiting, pool.run('c', call())]) {
    await expect(job).rejects.toThrow('The server is shutting down.');
  }
  await sleep(10);
  expect(isClosed).toBe(false);
  workers[0]?.end();
  await closed;
  expect(workers[0]?.said).toEqual(['a', 'killed']);
});

test('closing with patience lets a job end', async () => {
  const { pool, workers } = pooled();
  const running = pool.run('a', call());
  const closed = pool.close(60_000);
  workers[0]?.say('A');
  expect(await running).toBe('A');
  await sleep(0);
  expect(workers[0]?.said).toEqual(['a', endMessage]);
  workers[0]?.end();
  await closed;
});

test('while a pool is paused nothing begins, and no worker is left', async () => {
  const { pool, workers } = pooled();
  const running = pool.run('a', call());
  const paused = pool.pause();
  const waiting = pool.run('b', call());
  workers[0]?.say('A');
  expect(await running).toBe('A');
  await sleep(0);
  workers[0]?.end();
  await paused;
  expect(workers.map(({ said }) => said)).toEqual([['a', endMessage]]);
  pool.resume();
  workers[1]?.say('B');
  expect(await waiting).toBe('B');
});

test('the end of a call is told once, and not after it was taken back', async () => {
  const control = new AbortController();
  const told: string[] = [];
  onCallEnd(call({ signal: control.signal, deadline: Date.now() + 20 }), ({ code }) => told.push(code));
  onCallEnd(soon(), () => told.push('taken back'))();
  onCallEnd(call({ deadline: Date.now() + 2 ** 33 }), () => told.push('in 99 days'))();
  control.abort();
  await sleep(60);
  expect(told).toEqual(['cancelled']);
});

test('what is waited for during a call is waited for no longer than that', async () => {
  const never = new Promise<never>(() => {});
  const words = () => new HydrogenError('timeout', 'Not loaded in time.');
  await expect(duringCall(never, soon(), words)).rejects.toThrow('Not loaded in time.');
  await expect(duringCall(never, call({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: 'cancelled',
  });
  expect(await duringCall(Promise.resolve(1), call())).toBe(1);
});
