import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../../src/observability/log.ts';
import { createReadiness } from '../../src/transports/readiness.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** How it is asked of a server, and how often that looked. */
function readiness(ready: () => Promise<boolean>) {
  const look = vi.fn(ready);
  const unused = async (): Promise<never> => {
    throw new Error('not asked for');
  };
  const health = { ready: look, report: unused, process: unused };
  return { look, isReady: createReadiness({ health, log: createLog('silent') }) };
}

test('whoever asks in the same second is told the same, and one look is enough', async () => {
  const { look, isReady } = readiness(async () => true);
  expect(await Promise.all([isReady(), isReady()])).toEqual([true, true]);
  vi.setSystemTime(Date.now() + 900);
  expect(await isReady()).toBe(true);
  expect(look).toHaveBeenCalledTimes(1);
});

test('a second later it is looked at again', async () => {
  const answers = [true, false];
  const { isReady } = readiness(async () => answers.shift() ?? false);
  expect(await isReady()).toBe(true);
  vi.setSystemTime(Date.now() + 1_000);
  expect(await isReady()).toBe(false);
});

test('a look that failed is no answer for those who ask next', async () => {
  let isBroken = true;
  const { isReady } = readiness(async () => {
    if (isBroken) throw new Error('broken');
    return true;
  });
  await expect(isReady()).rejects.toThrow('broken');
  isBroken = false;
  expect(await isReady()).toBe(true);
});
