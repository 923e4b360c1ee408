import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileLeased } from '../../../src/library/sync/vectors/while-leased.ts';
import type { BackfillLease } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** A lease that notes what is asked of it, and is granted or not. */
function noted({ isGranted = true } = {}): { lease: BackfillLease; asked: string[] } {
  const asked: string[] = [];
  const lease: BackfillLease = {
    async claim(owner) {
      asked.push(`claim ${owner}`);
      return isGranted;
    },
    async release(owner, { signal }) {
      signal.throwIfAborted();
      asked.push(`release ${owner}`);
    },
  };
  return { lease, asked };
}

const pass = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

test('a lease is renewed long before it can expire, not with every batch, and released at the end', async () => {
  const { lease, asked } = noted();
  const kept = await whileLeased(lease, 'me', testCall(), async (keep) => {
    const answers: boolean[] = [];
    for (let batch = 0; batch < 12; batch++) {
      answers.push(await keep());
      pass(2_500);
    }
    return answers;
  });
  expect(new Set(kept)).toEqual(new Set([true]));
  expect(asked).toEqual(['claim me', 'claim me', 'release me']);
});

test('who slept for long is told that another has the lease by now', async () => {
  const { lease } = noted({ isGranted: false });
  const answers = await whileLeased(lease, 'me', testCall(), async (keep) => {
    const before = await keep();
    pass(60_000);
    return [before, await keep(), await keep()];
  });
  expect(answers).toEqual([true, false, false]);
});

test('a lease is released even where the work fails or its call is over', async () => {
  const { lease, asked } = noted();
  const over = AbortSignal.abort();
  const failing = whileLeased(lease, 'me', testCall({ signal: over }), async () => {
    throw new Error('no model');
  });
  await expect(failing).rejects.toThrow('no model');
  expect(asked).toEqual(['release me']);
});
