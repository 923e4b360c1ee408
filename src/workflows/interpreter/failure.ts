import type { RunError, StepWrite } from '../../stores/journal/types.ts';
import { runErrorOf } from '../faults.ts';

/** What a run failed with, and the steps that failed with it, the innermost first. */
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
 * Notes that a step failed with an error that passes through it. A run that is being stopped has not
 * failed: its steps stay as they are.
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

/** The failure that an error stands for; one outside of every task is the workflow's own. */
export function failureOf(error: unknown): Failure {
  return error instanceof StepFailed ? error.failure : failureAt(error, '/');
}
