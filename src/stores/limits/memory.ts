import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { loadedOnce } from '../../loaded-once.ts';
import { type Counters, type Window, windowSeconds } from '../../policy/counters.ts';

interface MemoryCountersOptions {
  /** Length of the windows, s. */
  readonly seconds?: Readonly<Record<Window, number>>;
}

/** The counts of one process. The library is loaded at the first one. */
export function createMemoryCounters({ seconds = windowSeconds }: MemoryCountersOptions = {}): Counters {
  const counters = loadedOnce(async (): Promise<Readonly<Record<Window, RateLimiterMemory>>> => {
    const { memoryLimiter } = await import('./library.ts');
    return { minute: memoryLimiter(seconds.minute), hour: memoryLimiter(seconds.hour) };
  });
  return {
    async add(key, amount, window) {
      const counter = (await counters.get())[window];
      const found = amount === 0 ? await counter.get(key) : await counter.penalty(key, amount);
      const isOver = found === null || found.msBeforeNext <= 0;
      return isOver
        ? { used: amount, endsInMs: seconds[window] * 1_000 }
        : { used: found.consumedPoints, endsInMs: found.msBeforeNext };
    },
  };
}
