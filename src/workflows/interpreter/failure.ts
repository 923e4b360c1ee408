import type { RunError, StepWrite } from '../../stores/journal/types.ts';
import { runErrorOf } from '../faults.ts';

/** What a run failed with, and the steps that failed with it, the innermost first. */
export interface Failure {
  readonly error: RunError;
  readonly cause: unknown;
  readonly steps: readonly StepWrite[];
}

const failures = new WeakMap<object, Failure>();

/**
 * Notes that a step failed with an error that passes through it. A run that is being stopped has not
 * failed: its steps stay as they are.
 */
export function failedAt(error: unknown, step: Omit<StepWrite, 'state'>, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const thrown = typeof error === 'object' && error !== null ? error : new Error(String(error));
  const before = failures.get(thrown);
  failures.set(thrown, {
    error: before?.error ?? runErrorOf(error, step.reference),
    cause: before?.cause ?? error,
    steps: [...(before?.steps ?? []), { ...step, state: 'faulted' }],
  });
  return thrown;
}

/** The failure that an error stands for; one outside of every task is the workflow's own. */
export function failureOf(error: unknown): Failure {
  const known = typeof error === 'object' && error !== null ? failures.get(error) : undefined;
  return known ?? { error: runErrorOf(error, '/'), cause: error, steps: [] };
}
