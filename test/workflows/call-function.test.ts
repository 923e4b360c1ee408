import { expect, test } from 'vitest';
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
