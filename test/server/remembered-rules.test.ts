import { expect, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { createMemoryCache } from '../../src/stores/cache/memory.ts';
import { rememberedAnswer } from '../../src/tools/common/remembered.ts';
import { testCall } from '../support/call.ts';

/** How often the answer was computed for two calls of the same caller. */
async function computedFor(caller: Caller): Promise<number> {
  const cache = createMemoryCache();
  let times = 0;
  const ask = () =>
    rememberedAnswer(
      { name: 'aggregate', args: {}, of: ['server'], tags: [], hasDocuments: false },
      { config: { answerCacheMs: 60_000 }, cache, call: testCall({ caller }) },
      async () => ({ answer: { summary: String(++times), rows: [] }, isKept: true }),
    );
  await ask();
  await ask();
  return times;
}

test('an answer is kept for a caller whom no rule narrows', async () => {
  expect(await computedFor({ id: 'one', scopes: ['read'] })).toBe(1);
});

test('none is kept for a caller with roles, which may mean something else at the next call', async () => {
  expect(await computedFor({ id: 'one', scopes: ['read'], roles: ['sales'] })).toBe(2);
});
