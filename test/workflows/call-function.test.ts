import { expect, test } from 'vitest';
import { HydrogenError } from '../../src/errors.ts';
import { callFunction } from '../../src/workflows/runs/call-function.ts';
import { testCall } from '../support/call.ts';
import { collectGarbage } from '../support/garbage.ts';

test('what a call of a function held is given back when it is done, while its run goes on', async () => {
  const run = testCall({ signal: new AbortController().signal });
  let held: WeakRef<AbortSignal> | undefined;
  const functions = {
    names: ['look'],
    async call(_name: string, _args: unknown, { signal }: { readonly signal: AbortSignal }) {
      held = new WeakRef(signal);
      return {};
    },
  };
  await callFunction(functions, 'look', {}, run, 60_000);
  await expect
    .poll(() => {
      collectGarbage();
      return held?.deref() === undefined;
    })
    .toBe(true);
  expect(run.signal.aborted).toBe(false);
});

/** A function whose server is away the first times. */
function away(times: number, code: 'unavailable' | 'bad_input' = 'unavailable') {
  let calls = 0;
  const functions = {
    names: ['look'],
    async call() {
      if (++calls <= times) throw new HydrogenError(code, `Failed ${calls}.`);
      return { found: calls };
    },
  };
  return { functions, calls: () => calls };
}

test('a function is called again while what it needs is away', async () => {
  const { functions } = away(2);
  expect(await callFunction(functions, 'look', {}, testCall(), 60_000)).toEqual({ found: 3 });
});

test('a function whose server stays away fails with the reason once its time is nearly up', async () => {
  const { functions, calls } = away(Number.POSITIVE_INFINITY);
  await expect(callFunction(functions, 'look', {}, testCall(), 800)).rejects.toThrow('Failed 2.');
  expect(calls()).toBe(2);
});

test('a function that fails for another reason is not called again', async () => {
  const { functions, calls } = away(1, 'bad_input');
  await expect(callFunction(functions, 'look', {}, testCall(), 60_000)).rejects.toThrow('Failed 1.');
  expect(calls()).toBe(1);
});

test('a run that is stopped while a function waits for its server stops at once', async () => {
  const { functions } = away(Number.POSITIVE_INFINITY);
  const control = new AbortController();
  const stopped = callFunction(functions, 'look', {}, testCall({ signal: control.signal }), 60_000);
  setTimeout(() => control.abort(new Error('stopped')), 50);
  const began = Date.now();
  await expect(stopped).rejects.toThrow('stopped');
  expect(Date.now() - began).toBeLessThan(2_000);
});
