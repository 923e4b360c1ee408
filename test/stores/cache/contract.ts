// What every cache does, in the words of its callers.
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../../src/call.ts';
import { HydrogenError } from '../../../src/errors.ts';
import type { Cache, CacheKey } from '../../../src/stores/cache/cache.ts';
import { testCall } from '../../support/call.ts';

interface CacheFixture {
  readonly name: string;
  /** So many caches that share what they keep; a cache of one process alone is given as often as is asked for. */
  open(nodes: number): Promise<readonly [Cache, ...Cache[]]>;
}

export const keyOf = (name: string, tags: readonly string[] = []): CacheKey => ({
  kind: 'test',
  parts: [name],
  tags,
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const options = { ttlMs: 60_000 };

/** A computation that is counted, and ends when it is told to. */
export function counted(text = 'value', work: (call: Call) => Promise<unknown> = async () => {}) {
  const computation = {
    times: 0,
    async compute(call: Call): Promise<Uint8Array> {
      computation.times++;
      await work(call);
      return bytes(`${text} ${computation.times}`);
    },
  };
  return computation;
}

/** What a cache gives for a key, as text. */
export async function ask(
  cache: Cache,
  key: CacheKey,
  { compute }: Pick<ReturnType<typeof counted>, 'compute'>,
  call = testCall(),
): Promise<string> {
  const { value } = await cache.remember(key, options, compute, call);
  return new TextDecoder().decode(value);
}

export function cacheContract({ name, open }: CacheFixture): void {
  describe(`a cache (${name})`, () => {
    test('a value is computed once and then remembered', async () => {
      const [cache] = await open(1);
      const value = counted();
      expect(await ask(cache, keyOf('a'), value)).toBe('value 1');
      expect(await ask(cache, keyOf('a'), value)).toBe('value 1');
      expect(value.times).toBe(1);
    });

    test('what is cleared is gone, and counted before', async () => {
      const [cache, other = cache] = await open(2);
      const value = counted();
      for (const one of ['a', 'b', 'c']) await ask(cache, keyOf(one), value);
      expect(await cache.count(testCall())).toBe(3);
      expect(await other.count(testCall())).toBe(3);
      expect(await other.clear(testCall())).toBe(3);
      expect(await cache.count(testCall())).toBe(0);
      expect(await ask(cache, keyOf('a'), value)).toBe('value 4');
    });

    test('a computation that began before everything was cleared is not kept', async () => {
      const [cache] = await open(1);
      const value = counted('value', () => cache.clear(testCall()));
      await ask(cache, keyOf('a'), value);
      expect(await cache.count(testCall())).toBe(0);
    });

    test('a value is any bytes', async () => {
      const [cache] = await open(1);
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      for (let i = 0; i < 2; i++) {
        const { value } = await cache.remember(keyOf('bytes'), options, async () => all, testCall());
        expect([...value]).toEqual([...all]);
      }
    });

    test('what differs in anything that the key says is another value', async () => {
      const [cache] = await open(1);
      const value = counted();
      await ask(cache, { kind: 'test', parts: ['a', 'b'], tags: [] }, value);
      await ask(cache, { kind: 'test', parts: ['ab'], tags: [] }, value);
      await ask(cache, { kind: 'test', parts: ['a', 'b', ''], tags: [] }, value);
      await ask(cache, { kind: 'other', parts: ['a', 'b'], tags: [] }, value);
      expect(value.times).toBe(4);
    });

    test('it says how old a value is: new ones are of this moment', async () => {
      const [cache] = await open(1);
      const value = counted();
      const first = await cache.remember(keyOf('a'), options, value.compute, testCall());
      expect(first.ageMs).toBe(0);
      await delay(60);
      const { ageMs } = await cache.remember(keyOf('a'), options, value.compute, testCall());
      expect(ageMs).toBeGreaterThanOrEqual(50);
      expect(ageMs).toBeLessThan(20_000);
    });

    test('a value is no longer used when its time is over', async () => {
      const [cache] = await open(1);
      const value = counted();
      await cache.remember(keyOf('a'), { ttlMs: 30 }, value.compute, testCall());
      await delay(60);
      await cache.remember(keyOf('a'), { ttlMs: 30 }, value.compute, testCall());
      expect(value.times).toBe(2);
    });

    test('a change makes every value with its tag worthless, and no other', async () => {
      const [cache] = await open(1);
      const [one, two, other] = [counted('one'), counted('two'), counted('other')];
      const both = ['collection', 'database'];
      await ask(cache, keyOf('one', both), one);
      await ask(cache, keyOf('two', ['database']), two);
      await ask(cache, keyOf('other', ['elsewhere']), other);
      await cache.invalidate(['database'], testCall());
      expect(await ask(cache, keyOf('one', both), one)).toBe('one 2');
      expect(await ask(cache, keyOf('two', ['database']), two)).toBe('two 2');
      expect(await ask(cache, keyOf('other', ['elsewhere']), other)).toBe('other 1');
    });

    test('a computation that began before a change is not kept, and not given to who comes after it', async () => {
      const [cache] = await open(1);
      const gate = Promise.withResolvers<void>();
      const before = counted('before', () => gate.promise);
      const waiting = ask(cache, keyOf('a', ['t']), before);
      await expect.poll(() => before.times).toBe(1);
      await cache.invalidate(['t'], testCall());
      const after = counted('after');
      const later = ask(cache, keyOf('a', ['t']), after);
      gate.resolve();
      expect(await waiting).toBe('before 1');
      expect(await later).toBe('after 1');
      expect(await ask(cache, keyOf('a', ['t']), counted('again'))).toBe('after 1');
    });

    test('many who ask at once wait for one computation', async () => {
      const [cache] = await open(1);
      const value = counted('value', () => delay(100));
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(cache, keyOf('a'), value)));
      expect(new Set(answers)).toEqual(new Set(['value 1']));
    });

    test('who waits is not ended by the call that computes', async () => {
      const [cache] = await open(1);
      const ending = new AbortController();
      const cancelled = counted('never', ({ signal }) => delay(5_000, undefined, { signal }));
      const throwing = async (call: Call): Promise<Uint8Array> => {
        try {
          return await cancelled.compute(call);
        } catch {
          throw new HydrogenError('cancelled', 'The call was cancelled.');
        }
      };
      const first = cache.remember(keyOf('a'), options, throwing, testCall({ signal: ending.signal }));
      first.catch(() => {});
      await expect.poll(() => cancelled.times).toBe(1);
      const second = ask(cache, keyOf('a'), counted('mine'));
      ending.abort();
      await expect(first).rejects.toMatchObject({ code: 'cancelled' });
      expect(await second).toBe('mine 1');
    });

    test('a failure is not remembered', async () => {
      const [cache] = await open(1);
      const failing = async (): Promise<Uint8Array> => {
        throw new HydrogenError('not_found', 'There is no such collection.');
      };
      await expect(cache.remember(keyOf('a'), options, failing, testCall())).rejects.toThrow(
        'There is no such collection.',
      );
      expect(await ask(cache, keyOf('a'), counted())).toBe('value 1');
    });

    test('nobody waits for the computation of another for longer than asked', async () => {
      const [cache] = await open(1);
      const gate = Promise.withResolvers<void>();
      const slow = counted('slow', () => gate.promise);
      const first = ask(cache, keyOf('a'), slow);
      await expect.poll(() => slow.times).toBe(1);
      const mine = counted('mine');
      const begun = performance.now();
      const { value } = await cache.remember(
        keyOf('a'),
        { ...options, patienceMs: 200 },
        mine.compute,
        testCall(),
      );
      expect(new TextDecoder().decode(value)).toBe('mine 1');
      expect(performance.now() - begun).toBeLessThan(2_000);
      gate.resolve();
      await first;
    });

    test('nobody waits longer than the call', async () => {
      const [cache] = await open(1);
      const gate = Promise.withResolvers<void>();
      const slow = counted('slow', () => gate.promise);
      const first = ask(cache, keyOf('a'), slow);
      await expect.poll(() => slow.times).toBe(1);
      const begun = performance.now();
      const call = testCall({ deadline: Date.now() + 100 });
      await expect(ask(cache, keyOf('a'), slow, call)).rejects.toMatchObject({ code: 'timeout' });
      expect(performance.now() - begun).toBeLessThan(2_000);
      gate.resolve();
      await first;
    });
  });
}

/** What a cache that several nodes share does besides. */
export function sharedCacheContract({ name, open }: CacheFixture, skip: boolean): void {
  describe.skipIf(skip)(`a shared cache (${name})`, () => {
    test('what one node has computed another one remembers', async () => {
      const [one, two = one] = await open(2);
      const value = counted();
      expect(await ask(one, keyOf('a'), value)).toBe('value 1');
      expect(await ask(two, keyOf('a'), value)).toBe('value 1');
    });

    test('many nodes that ask at once wait for one computation', async () => {
      const nodes = await open(4);
      const value = counted('value', () => delay(150));
      const asked = nodes.flatMap((node) => Array.from({ length: 5 }, () => ask(node, keyOf('a'), value)));
      expect(new Set(await Promise.all(asked))).toEqual(new Set(['value 1']));
      expect(value.times).toBe(1);
    });

    test('a change on one node is one for all of them', async () => {
      const [one, two = one] = await open(2);
      const value = counted();
      await ask(one, keyOf('a', ['t']), value);
      await two.invalidate(['t'], testCall());
      expect(await ask(one, keyOf('a', ['t']), value)).toBe('value 2');
    });

    test('a computation on one node that began before a change on another is not kept', async () => {
      const [one, two = one] = await open(2);
      const gate = Promise.withResolvers<void>();
      const before = counted('before', () => gate.promise);
      const waiting = ask(one, keyOf('a', ['t']), before);
      await expect.poll(() => before.times).toBe(1);
      await two.invalidate(['t'], testCall());
      gate.resolve();
      expect(await waiting).toBe('before 1');
      expect(await ask(two, keyOf('a', ['t']), counted('after'))).toBe('after 1');
    });

    test('who waits for a node that has died computes by itself', async () => {
      const [dead, alive = dead] = await open(2);
      const never = counted('never', () => new Promise(() => {}));
      void ask(dead, keyOf('a'), never);
      await expect.poll(() => never.times).toBe(1);
      const begun = performance.now();
      expect(await ask(alive, keyOf('a'), counted('mine'))).toBe('mine 1');
      expect(performance.now() - begun).toBeLessThan(10_000);
    });

    test('who waits for a node whose computation fails computes by itself, at once', async () => {
      const [one, two = one] = await open(2);
      const gate = Promise.withResolvers<void>();
      const failing = counted('', async () => {
        await gate.promise;
        throw new HydrogenError('unavailable', 'The model is away.');
      });
      const failed = ask(one, keyOf('a'), failing);
      failed.catch(() => {});
      await expect.poll(() => failing.times).toBe(1);
      const waiting = ask(two, keyOf('a'), counted('mine'));
      gate.resolve();
      await expect(failed).rejects.toThrow('The model is away.');
      expect(await waiting).toBe('mine 1');
    });
  });
}
