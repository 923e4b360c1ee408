import { setTimeout as delay } from 'node:timers/promises';
import { type Job, Queue, Worker } from 'bullmq';
import type { RedisOptions } from 'ioredis';
import { duringCall } from '../../../call-end.ts';
import type { BackendState } from '../../backend.ts';
import { openRedisClient } from '../../redis/client.ts';
import { assertRecent } from '../../redis/version.ts';
import { redisInWords } from '../../redis/words.ts';
import type { TakeUp, WakeUpsServer } from '../wake-ups.ts';
import { caveatOf } from './caveats.ts';
import type { BullmqSettings } from './settings.ts';

interface WakeUp {
  readonly run: string;
  /** How often nodes without room have left it to others. */
  readonly left: number;
}

const queueName = 'runs';
/** How long `wake` waits at most, and a command for its answer, ms. */
const wakeMs = 500;
/** Wake-ups that wait for the server; more are dropped. */
const maxWaiting = 1_000;
/** Then the nodes' own looks at the journal have to do. */
const maxLeft = 60;
/** How long closing waits for the server in each of its parts, ms. */
const closeMs = 2_000;
const meanwhile = 'runs go on, but nodes look for them by themselves, which is later';

const again: Pick<RedisOptions, 'retryStrategy' | 'connectionName' | 'disconnectTimeout'> = {
  // A connection that is gone already would keep a command from ending for two seconds.
  disconnectTimeout: 100,
  retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), 1_000),
  connectionName: 'hydrogen-queue',
};

export function createBullmqWakeUps(settings: BullmqSettings): WakeUpsServer {
  const { url, setting, prefix = 'hydrogen-queue', busyMs = 500, log } = settings;
  const name = `The Redis server (${setting})`;
  let state: BackendState = { state: 'unused' };
  let caveat: string | undefined;
  let waiting = 0;
  let queue: Queue<WakeUp> | undefined;
  let worker: Worker<WakeUp> | undefined;
  let isClosed = false;
  /** What this node had no room for, until others are told. */
  const left = new Map<NodeJS.Timeout, WakeUp>();
  let lastError: unknown;

  function failed(error: unknown): void {
    if (isClosed) return;
    const { message, cause } = redisInWords(error, name, meanwhile);
    const since = state.state === 'down' ? state.since : Date.now();
    if (state.state !== 'down') log.warn({ err: cause }, message);
    state = { state: 'down', since, why: message };
  }

  const producer = openRedisClient(url, name, {
    ...again,
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    commandTimeout: wakeMs,
  });
  producer.on('error', (error: unknown) => {
    lastError = error;
    failed(error);
  });
  producer.on('ready', () => void inspect().catch(failed));
  // A worker waits on the server for as long as it takes.
  const consumer = openRedisClient(url, name, { ...again, lazyConnect: true, maxRetriesPerRequest: null });
  consumer.on('error', failed);

  async function inspect(): Promise<void> {
    const info = await producer.info();
    assertRecent(info);
    state = { state: 'up' };
    const found = caveatOf(info);
    if (found !== undefined && found !== caveat) log.warn(`${name} may lose wake-ups of runs: ${found}.`);
    caveat = found;
  }

  function queued(): Queue<WakeUp> {
    if (queue) return queue;
    queue = new Queue<WakeUp>(queueName, {
      connection: producer,
      prefix,
      skipVersionCheck: true,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    queue.on('error', failed);
    return queue;
  }

  async function add(wakeUp: WakeUp, at = 0): Promise<void> {
    if (waiting >= maxWaiting || isClosed) return;
    waiting++;
    try {
      // Without an id of ours: a second one for a run, while the first is under way, must not be dropped.
      await queued().add('wake', wakeUp, { delay: Math.max(0, at - Date.now()) });
      if (producer.status === 'ready') state = { state: 'up' };
    } catch (error) {
      failed(error);
    } finally {
      waiting--;
    }
  }

  /** Waits for work, but not for long; how it ends does not matter. */
  async function within(ms: number, work: Promise<unknown> | undefined): Promise<void> {
    await Promise.race([work?.catch(() => {}), delay(ms, undefined, { ref: false })]);
  }

  /** Later, when this node waits for wake-ups again: who has waited longest gets the next one. */
  function leaveToOthers(wakeUp: WakeUp): void {
    const timer = setTimeout(() => {
      left.delete(timer);
      void add(wakeUp);
    }, busyMs).unref();
    left.set(timer, wakeUp);
  }

  function listen(takeUp: TakeUp): void {
    worker = new Worker<WakeUp>(
      queueName,
      async ({ data }: Job<WakeUp>) => {
        const hasRoom = await takeUp().catch(() => true);
        if (!hasRoom && data.left < maxLeft) leaveToOthers({ ...data, left: data.left + 1 });
      },
      { connection: consumer, prefix, skipVersionCheck: true, maxStalledCount: 10, concurrency: 1 },
    );
    worker.on('error', failed);
  }

  return {
    async wake(run, at) {
      await within(wakeMs, add({ run, left: 0 }, at));
    },
    async onWake(takeUp) {
      if (!worker && !isClosed) listen(takeUp);
    },
    async ping(call) {
      const begun = performance.now();
      try {
        if (producer.status === 'wait') await duringCall(producer.connect(), call);
        assertRecent(await duringCall(producer.info('server'), call));
      } catch (error) {
        // Why there is no connection is told apart from what becomes of a command.
        const why = producer.status === 'ready' ? error : (lastError ?? error);
        failed(why);
        throw redisInWords(why, name, meanwhile);
      }
      return performance.now() - begun;
    },
    state: () => state,
    caveat: () => caveat,
    async close() {
      await within(closeMs, worker?.close());
      for (const [timer, wakeUp] of left) {
        clearTimeout(timer);
        void add(wakeUp);
      }
      const until = Date.now() + closeMs;
      // A node that ends hands its runs over: that is to be told yet.
      while (waiting > 0 && state.state !== 'down' && Date.now() < until) await delay(10);
      isClosed = true;
      await within(closeMs, queue?.close());
      producer.disconnect();
      consumer.disconnect();
      await within(wakeMs, worker?.close(true));
    },
  };
}
