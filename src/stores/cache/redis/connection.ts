import { openRedisClient } from '../../redis/client.ts';
import { assertRecent } from '../../redis/version.ts';
import { isNotPermitted } from '../../redis/words.ts';

/** One connection, made at the first command and again whenever it is lost. */
export interface RedisConnection {
  /** A command. @returns texts as bytes */
  send(signal: AbortSignal, command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
  /** The server process that answers: another one after a restart, and on another machine. */
  run(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

interface ConnectionOptions {
  readonly url: string;
  /** For sentences: `The Redis server (setting redisUrl)`. */
  readonly name: string;
  /** How long a command waits for its answer, ms. */
  readonly timeoutMs: number;
  /** Called whenever a connection has been made. */
  readonly connected: () => void;
}

const maxPauseMs = 1_000;
const silentMs = 3_000;
/** How long closing waits for the server's goodbye, ms. */
const quitMs = 500;

export function openRedisConnection({ url, name, timeoutMs, connected }: ConnectionOptions): RedisConnection {
  const client = openRedisClient(url, name, {
    lazyConnect: true,
    // A command never waits for a connection that is not there: its call computes instead.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: Math.max(timeoutMs, 1_000),
    // A machine that is gone closes nothing: what is silent while commands wait is connected anew.
    socketTimeout: silentMs,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), maxPauseMs),
    connectionName: 'hydrogen-cache',
    // A connection that is gone already would keep a command from ending for two seconds.
    disconnectTimeout: 100,
  });
  let lastError: unknown;
  let run: Promise<string> | undefined;
  // Without a listener the client prints every failed attempt.
  client.on('error', (error: unknown) => {
    lastError = error;
  });
  client.on('close', () => {
    run = undefined;
  });
  client.on('ready', () => {
    lastError = undefined;
    connected();
  });

  /** What all wait for who come while it is being connected. */
  let standing: Promise<void> | undefined;
  function stands(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const failed = (): void => reject(lastError ?? new Error('the connection was closed'));
    const over = (): void => {
      standing = undefined;
      client.off('ready', resolve).off('error', failed).off('close', failed);
    };
    client.once('ready', resolve).once('error', failed).once('close', failed);
    // Nobody may be left who waits for it.
    promise.then(over, over);
    // What it fails with is told by the event.
    if (client.status === 'wait') client.connect().catch(() => {});
    return promise;
  }

  /** Resolves once the connection stands. */
  async function ready(signal: AbortSignal): Promise<void> {
    if (client.status === 'ready') return;
    if (client.status === 'end') throw new Error('the connection was closed');
    // It was tried: why it failed is known, and tried again in the background.
    if (lastError !== undefined && client.status !== 'connect') throw lastError;
    const { promise, reject } = Promise.withResolvers<never>();
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    standing ??= stands();
    try {
      await Promise.race([standing, promise]);
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  async function runOf(): Promise<string> {
    try {
      const info = await client.info('server');
      assertRecent(info);
      return /^run_id:(\w+)/m.exec(info)?.[1] ?? '';
    } catch (error) {
      // A user who may not ask is not told of crashes; what is lost then is the last change of a second.
      if (isNotPermitted(error)) return '';
      throw error;
    }
  }

  return {
    async send(signal, command, ...args) {
      await ready(signal);
      return client.callBuffer(command, ...args);
    },
    async run(signal) {
      await ready(signal);
      run ??= runOf();
      const asked = run;
      try {
        return await asked;
      } catch (error) {
        // Late once is not late for good: the next one asks again.
        if (run === asked) run = undefined;
        throw error;
      }
    },
    async close() {
      if (client.status === 'ready') {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, quitMs);
        client.quit().then(
          () => resolve(),
          () => resolve(),
        );
        await promise;
        clearTimeout(timer);
      }
      client.disconnect();
    },
  };
}
