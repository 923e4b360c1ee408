import { checkText, useChecker } from '../../src/workflows/definitions/checker.ts';

/** Less than the time after which the thread ends for want of work, ms. */
const everyMs = 500;

let isKept = false;

/**
 * Keeps the thread that checks definitions, which takes half a second to start, for all tests of this process: between
 * two that need it, a busy machine may take longer than the thread waits for work.
 */
export function keepChecker(): void {
  if (isKept) return;
  isKept = true;
  useChecker();
  const { signal } = new AbortController();
  setInterval(() => void checkText('', 60_000, signal).catch(() => {}), everyMs).unref();
}
