import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { systemCall } from '../../../call.ts';
import { type Count, type Window, windowSeconds } from '../../../policy/counters.ts';
import { createBackend } from '../../backend.ts';
import { openRedisClient } from '../../redis/client.ts';
import { redisInWords } from '../../redis/words.ts';
import type { CountersServer } from '../counters-server.ts';
import type { RedisCountersSettings } from './settings.ts';

const alone = 'each node counts for itself meanwhile';
const maxPauseMs = 1_000;
/** A machine that is gone closes nothing: what is silent while commands wait is connected anew, ms. */
const silentMs = 3_000;

/** A caller's id may be long, and is nobody else's business. */
const nameOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

/**
 * Counts on a Redis, which all nodes share. It has a connection of its own, so that no large value of the cache is in its
 * way. While the server does not answer, this process counts alone: then each node grants what all were to grant
 * together, and no more.
 */
export function createRedisCounters(settings: RedisCountersSettings): CountersServer {
  const { url, setting, prefix, timeoutMs, meanwhile, seconds = windowSeconds, log } = settings;
  const name = `The Redis server (${setting})`;
  const backend = createBackend({
    system: 'redis',
    name,
    timeoutMs,
    inWords: (error) => redisInWords(error, name, alone),
  });
  const client = openRedisClient(url, name, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: Math.max(timeoutMs, 1_000),
    socketTimeout: silentMs,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), maxPauseMs),
    connectionName: 'hydrogen-limits',
    disconnectTimeout: 100,
  });
  let lastError: unknown;
  // Without a listener the client prints every failed attempt.
  client.on('error', (error: unknown) => {
    lastError = error;
  });
  client.on('ready', () => {
    lastError = undefined;
  });
  const counter = (window: Window): RateLimiterRedis =>
    new RateLimiterRedis({
      storeClient: client,
      keyPrefix: `${prefix}limit-${window}`,
      points: Number.MAX_SAFE_INTEGER,
      duration: seconds[window],
    });
  const counters = { minute: counter('minute'), hour: counter('hour') };
  let isKnownDown = false;
  let connecting: Promise<unknown> | undefined;

  /** Resolves once the connection stands; all that wait for it wait for one thing. */
  async function ready(): Promise<void> {
    if (client.status === 'ready') return;
    // It was tried: why it failed is known, and tried again in the background.
    if (lastError !== undefined) throw lastError;
    connecting ??= once(client, 'ready').finally(() => {
      connecting = undefined;
    });
    connecting.catch(() => {});
    await connecting;
  }

  async function count(key: string, amount: number, window: Window): Promise<Count> {
    await ready();
    const counting = counters[window];
    const named = nameOf(key);
    const found = amount === 0 ? await counting.get(named) : await counting.penalty(named, amount);
    if (found === null) return { used: 0, endsInMs: seconds[window] * 1_000 };
    return { used: found.consumedPoints, endsInMs: found.msBeforeNext };
  }

  return {
    async add(key, amount, window) {
      try {
        const call = systemCall(log, { limitMs: timeoutMs });
        const found = await backend.use(call, () => count(key, amount, window));
        if (isKnownDown) log.info('limits are counted for all nodes together again');
        isKnownDown = false;
        return found;
      } catch (err) {
        if (!isKnownDown) log.warn({ err }, 'limits are counted by this node alone');
        isKnownDown = true;
        return meanwhile.add(key, amount, window);
      }
    },
    state: () => backend.state(),
    async close() {
      client.disconnect();
    },
  };
}
