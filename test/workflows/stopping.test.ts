import { expect, test } from 'vitest';
import { errorOf, HydrogenError, partsOf } from '../../src/errors.ts';
import { fault, isFault, runErrorOf } from '../../src/workflows/faults.ts';
import { stopError, stopReason } from '../../src/workflows/runs/stopping.ts';

const stoppedBy = (error: unknown) => stopReason(AbortSignal.abort(error));

test.each(['late', 'cancelled', 'run_taken', 'server_ends'] as const)(
  'a run that stops as %s is told so',
  (reason) => {
    expect(stoppedBy(stopError(reason))).toBe(reason);
  },
);

test('no other end of a signal is the stop of a run', () => {
  expect(stopReason(new AbortController().signal)).toBeUndefined();
  expect(stoppedBy(undefined)).toBeUndefined();
  expect(stoppedBy(new HydrogenError('conflict', 'Changed.', { reason: 'drifted' }))).toBeUndefined();
});

test.each(['configuration', 'expression', 'runtime', 'timeout'] as const)(
  'a fault of kind %s keeps its kind behind a thread',
  (kind) => {
    const arrived = errorOf(structuredClone(partsOf(fault(kind, 'It failed.'))));
    expect(isFault(arrived)).toBe(kind !== 'timeout');
    expect(runErrorOf(arrived, '/do/0/a').type).toMatch(new RegExp(`/${kind}$`));
  },
);
