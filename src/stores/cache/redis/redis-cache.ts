import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call } from '../../../call.ts';
import { systemCall } from '../../../call.ts';
import { callEnd, throwIfCallEnded } from '../../../call-end.ts';
import { createBackend } from '../../backend.ts';
import { redisInWords } from '../../redis/words.ts';
import { type CacheKey, type CacheServer, everythingTag, type Remembered } from '../cache.ts';
import { nameOf, nameOfTag } from '../digest.ts';
import { createFlights, defaultPatienceMs } from '../flights.ts';
import { openRedisConnection } from './connection.ts';
import { changeScript, keepScript, lookScript, releaseScript } from './scripts.ts';
import type { RedisCacheSettings } from './settings.ts';

const meanwhile = 'what it would keep is computed each time meanwhile';
/** Larger values are computed each time, bytes. */
const maxValueBytes = 1_000_000;
/** How long a tag's generation is kept at least, ms; where it is lost, values are computed again. */
const minTagMs = 3_600_000;
/** Pauses between two looks at what another computes, ms. */
const pausesMs = { first: 10, longest: 100 };
/** Tags whose change could not be told; beyond that, everything counts as changed. */
const maxUntold = 1_000;

/** Names that are looked at in one use of the server. */
const pageSize = 1_000;

/** What a look at the server showed. */
type Look =
  | { readonly state: 'found'; readonly remembered: Remembered }
  | { readonly state: 'yours' | 'wait'; readonly generations: string; readonly time: string };

/** A key as the server knows it. */
interface Keys {
  readonly name: string;
  /** Of the value, its lock and its tags. */
  readonly all: readonly string[];
  readonly lock: string;
  readonly token: string;
}

export function createRedisCache(settings: RedisCacheSettings): CacheServer {
  const { url, setting, prefix = 'hydrogen:', timeoutMs = 500, lockMs = 5_000, log } = settings;
  const { patienceMs = defaultPatienceMs } = settings;
  const name = `The Redis server (${setting})`;
  const backend = createBackend({
    system: 'redis',
    name,
    timeoutMs,
    inWords: (error) => redisInWords(error, name, meanwhile),
  });
  const flights = createFlights();
  /** Tags whose change the server has not been told of, each with the number of its last change. */
  const untold = new Map<string, number>();
  let changes = 0;
  const closing = new AbortController();
  const own = (): Call => systemCall(log, { signal: closing.signal, limitMs: timeoutMs });
  const connection = openRedisConnection({
    url,
    name,
    timeoutMs,
    connected: () => void tell(own()),
  });
  let isKnownDown = false;

  /** Does something on the server, for a call that goes on without it. @returns undefined where it failed */
  async function attempt<T>(
    call: Call,
    work: (call: Call) => Promise<T>,
    limitMs = timeoutMs,
  ): Promise<T | undefined> {
    try {
      const result = await backend.use(call, work, { timeoutMs: limitMs });
      isKnownDown = false;
      return result;
    } catch (err) {
      if (!isKnownDown && backend.state().state === 'down') {
        isKnownDown = true;
        log.warn({ err }, 'the cache is not available');
      }
      return undefined;
    }
  }

  const tagKey = (tag: string): string => `${prefix}tag:${nameOfTag(tag)}`;

  function keysOf(key: CacheKey): Keys {
    const named = nameOf(key);
    const lock = `${prefix}lock:${named}`;
    const tags = [everythingTag, ...key.tags].map(tagKey);
    return { name: named, all: [`${prefix}value:${named}`, lock, ...tags], lock, token: randomUUID() };
  }

  async function script(signal: AbortSignal, text: string, keys: readonly string[], args: unknown[]) {
    const given = args.map((arg) => (Buffer.isBuffer(arg) ? arg : String(arg)));
    return connection.send(signal, 'EVAL', text, keys.length, ...keys, ...given);
  }

  async function look({ all, token }: Keys, ttlMs: number, { signal }: Call): Promise<Look> {
    const run = await connection.run(signal);
    const args = [run, randomUUID(), Math.max(minTagMs, 2 * ttlMs), token, lockMs];
    const [state, second, third] = (await script(signal, lookScript, all, args)) as Buffer[];
    if (!state || !second || !third) throw new Error('an answer of another form');
    if (state.toString() === 'found') {
      return { state: 'found', remembered: { value: third, ageMs: Number(second) } };
    }
    const isOurs = state.toString() === 'yours';
    return { state: isOurs ? 'yours' : 'wait', generations: second.toString(), time: third.toString() };
  }

  /** Tells the server what it has not been told yet. @returns whether it knows everything */
  async function tell(call: Call): Promise<boolean> {
    if (untold.size === 0) return true;
    const telling = [...untold];
    const keys = telling.map(([tag]) => tagKey(tag));
    const told = await attempt(call, async ({ signal }) => {
      await script(signal, changeScript, keys, [randomUUID(), minTagMs]);
      return true;
    });
    if (told === undefined) return false;
    // What changed again meanwhile is told by whoever changed it.
    for (const [tag, change] of telling) if (untold.get(tag) === change) untold.delete(tag);
    return untold.size === 0;
  }

  function noteUntold(tags: readonly string[]): void {
    for (const tag of tags) untold.set(tag, ++changes);
    if (untold.size <= maxUntold) return;
    untold.clear();
    untold.set(everythingTag, ++changes);
  }

  /** Looks until the value is there, or this call has the right to compute it, or has waited long enough. */
  async function waitFor(
    keys: Keys,
    ttlMs: number,
    maxWaitMs: number,
    call: Call,
  ): Promise<Look | undefined> {
    const until = Date.now() + maxWaitMs;
    for (let pause = pausesMs.first; Date.now() < until; pause = Math.min(2 * pause, pausesMs.longest)) {
      await delay(pause, undefined, { signal: call.signal }).catch(() => {});
      throwIfCallEnded(call);
      const looked = await attempt(call, (bounded) => look(keys, ttlMs, bounded));
      if (looked?.state !== 'wait') return looked;
    }
    return undefined;
  }

  /** Gives the right to compute back, after the call: others need not wait for it to expire. */
  function release({ lock, token }: Keys): void {
    void attempt(own(), ({ signal }) => script(signal, releaseScript, [lock], [token]));
  }

  async function keep(
    keys: Keys,
    { generations, time }: Extract<Look, { generations: string }>,
    ttlMs: number,
    value: Uint8Array,
    call: Call,
  ): Promise<void> {
    if (value.byteLength > maxValueBytes) return release(keys);
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    // A call that ends now has its value nevertheless.
    if (callEnd(call)) return release(keys);
    await attempt(call, async ({ signal }) => {
      const run = await connection.run(signal);
      await script(signal, keepScript, keys.all, [run, keys.token, generations, time, ttlMs, bytes]);
    });
  }

  /** Looks at the names of all values, page by page: the sum of what `work` makes of each. One may come twice. */
  async function eachPage(
    call: Call,
    work: (names: readonly Buffer[], signal: AbortSignal) => Promise<number>,
  ): Promise<number> {
    const pattern = `${prefix.replace(/[*?[\]\\]/g, '\\$&')}value:*`;
    let [cursor, sum] = ['0', 0];
    do {
      const [next, names] = await backend.use(call, async ({ signal }) => {
        const page = await connection.send(signal, 'SCAN', cursor, 'MATCH', pattern, 'COUNT', pageSize);
        const [following, found] = page as [Buffer, Buffer[]];
        return [following.toString(), found.length > 0 ? await work(found, signal) : 0] as const;
      });
      sum += names;
      cursor = next;
    } while (cursor !== '0');
    return sum;
  }

  async function ping(call: Call): Promise<number> {
    const begun = performance.now();
    await backend.use(call, async ({ signal }) => {
      await connection.run(signal);
      await connection.send(signal, 'SET', `${prefix}ping`, '1', 'PX', 1_000);
    });
    return performance.now() - begun;
  }

  return {
    async remember(key, { ttlMs, patienceMs: limitMs = patienceMs }, compute, call) {
      throwIfCallEnded(call);
      const computed = async (): Promise<Remembered> => ({ value: await compute(call), ageMs: 0 });
      if (!(await tell(call))) return computed();
      const keys = keysOf(key);
      const first = await attempt(
        call,
        (bounded) => look(keys, ttlMs, bounded),
        Math.min(limitMs, timeoutMs),
      );
      throwIfCallEnded(call);
      if (!first) return computed();
      if (first.state === 'found') return first.remembered;
      const flight = `${keys.name} ${first.generations}`;
      // In this process nobody needs to ask the server again and again.
      const joined = first.state === 'wait' ? await flights.join(flight, limitMs, call) : undefined;
      if (joined instanceof Uint8Array) return { value: joined, ageMs: 0 };
      const mayWait = first.state === 'wait' && joined !== 'late';
      const looked = mayWait ? ((await waitFor(keys, ttlMs, limitMs, call)) ?? first) : first;
      if (looked.state === 'found') return looked.remembered;
      try {
        const leading = `${keys.name} ${looked.generations}`;
        const value = await flights.lead(leading, () => compute(call));
        await keep(keys, looked, ttlMs, value, call);
        return { value, ageMs: 0 };
      } catch (error) {
        release(keys);
        throw error;
      }
    },
    async invalidate(tags, call) {
      noteUntold(tags);
      // What was changed has been changed: a call that is over tells it, too.
      await tell(callEnd(call) ? own() : call);
    },
    count: (call) => eachPage(call, async (names) => names.length),
    async clear(call) {
      // From now on no value is kept whose computation began before.
      noteUntold([everythingTag]);
      await tell(call);
      return eachPage(call, async (names, signal) => {
        await connection.send(signal, 'UNLINK', ...names);
        return names.length;
      });
    },
    ping,
    state: () => backend.state(),
    async close() {
      closing.abort();
      await connection.close();
    },
  };
}
