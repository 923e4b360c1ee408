import { RateLimiterMemory } from 'rate-limiter-flexible';

/**
 * A count of one process in windows of so many seconds. What is too much is not its business. Imported when something is
 * counted, and not the library itself: bundled, that has no names when it is imported dynamically.
 */
export const memoryLimiter = (duration: number): RateLimiterMemory =>
  new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration });
