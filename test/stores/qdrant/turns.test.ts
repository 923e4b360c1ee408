// Work that is done one after the other, such as the changes of a collection.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurn } from '../../../src/stores/qdrant/turns.ts';
import { testCall } from '../../support/call.ts';
import { collectGarbage } from '../../support/garbage.ts';

/** Work that lasts until it is told to end. */
function lasting() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

test('each begins when the one before it has ended, in the order in which they came', async () => {
  const turn = inTurn();
  const seen: string[] = [];
  await Promise.all(
    [20, 0, 10].map((ms, i) =>
      turn(testCall(), async () => {
        seen.push(`begin ${i}`);
        await delay(ms);
        seen.push(`end ${i}`);
      }),
    ),
  );
  expect(seen).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
});

test('a failure is told to its own caller, and the next one is done', async () => {
  const turn = inTurn();
  const failing = turn(testCall(), async () => {
    throw new Error('of the first');
  });
  const next = turn(testCall(), async () => 'of the second');
  await expect(failing).rejects.toThrow('of the first');
  expect(await next).toBe('of the second');
});

test('one whose call ends while it waits is not begun, and the next one waits for the one before it', async () => {
  const turn = inTurn();
  const seen: string[] = [];
  const { work, end } = lasting();
  const first = turn(testCall(), work).then(() => seen.push('first'));
  const late = turn(testCall({ deadline: Date.now() + 20 }), async () => seen.push('late'));
  const third = turn(testCall(), async () => seen.push('third'));
  await expect(late).rejects.toMatchObject({ code: 'timeout' });
  await delay(20);
  expect(seen).toEqual([]);
  end();
  await Promise.all([first, third]);
  expect(seen).toEqual(['first', 'third']);
});

test('nothing of what was done is kept', async () => {
  const turn = inTurn();
  const results: WeakRef<object>[] = [];
  for (let i = 0; i < 4; i++) {
    await turn(testCall(), async () => {
      const result = { i };
      results.push(new WeakRef(result));
      return result;
    });
  }
  await delay(0);
  collectGarbage();
  expect(results.map((result) => result.deref())).toEqual(results.map(() => undefined));
});
