import type { RunError, StepWrite } from '../../stores/journal/types.ts';
import { runErrorOf } from '../faults.ts';

/** The error of a run, and the steps that failed with it, innermost first. */
export interface Failure {
  readonly error: RunError;
  readonly cause: unknown;
  readonly steps: readonly StepWrite[];
}

/** Carries a failure from the step that failed to the run. */
class StepFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('A step failed.', { cause: failure.cause });
    this.failure = failure;
  }
}

/**
 * Records that an error failed this step on its way up. A run that is being stopped has not failed: its steps stay as
 * they are.
 */
export function failedAt(error: unknown, step: Omit<StepWrite, 'state'>, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { steps, ...inner } = error instanceof StepFailed ? error.failure : failureAt(error, step.reference);
  return new StepFailed({ ...inner, steps: [...steps, { ...step, state: 'faulted' }] });
}

const failureAt = (error: unknown, reference: string): Failure => ({
  error: runErrorOf(error, reference),
  cause: error,
  steps: [],
});

/** The failure carried by an error; an error outside any task is the workflow's own. */
export function failureOf(error: unknown): Failure {
  return error instanceof StepFailed ? error.failure : failureAt(error, '/');
}
