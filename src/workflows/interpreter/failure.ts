import type { RunError, StepWrite } from '../../stores/journal/types.ts';
import { DefinedError, runErrorOf } from '../faults.ts';
import type { Execution } from './execution.ts';

/** An error on its way up through the tasks. */
export interface Failure {
  readonly error: RunError;
  readonly cause: unknown;
  /** When it came up, in milliseconds since the epoch. */
  readonly at: number;
  /** The steps that failed with it and are not journaled yet, innermost first. */
  readonly steps: readonly StepWrite[];
}

/** Carries a failure from the step that failed to where it is caught, or to the run. */
class StepFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('A step failed.', { cause: failure.cause });
    this.failure = failure;
  }
}

/** Why a task stops that others have made superfluous. */
export class Superfluous extends Error {}

const failureAt = (error: unknown, reference: string): Failure => ({
  error: runErrorOf(error, reference),
  cause: error,
  at: Date.now(),
  steps: [],
});

/** The failure carried by an error; an error outside any task is the workflow's own. */
export function failureOf(error: unknown): Failure {
  return error instanceof StepFailed ? error.failure : failureAt(error, '/');
}

/**
 * Records that an error failed this step on its way up. A run that is being stopped has not failed: its steps stay as
 * they are.
 */
export function failedAt(
  error: unknown,
  step: Omit<StepWrite, 'state'>,
  { runSignal, signal }: Execution,
): unknown {
  if (runSignal.aborted) return runSignal.reason;
  // What a task does when it is stopped is no news.
  const source = !(error instanceof StepFailed) && signal.aborted ? signal.reason : error;
  const failure = source instanceof StepFailed ? source.failure : failureAt(source, step.reference);
  const ended: StepWrite =
    failure.cause instanceof Superfluous
      ? { ...step, state: 'cancelled' }
      : { ...step, state: 'faulted', error: failure.error };
  return new StepFailed({ ...failure, steps: [...failure.steps, ended] });
}

/** The failure of a step that an earlier process has journaled. */
export const journaledFailure = (error: RunError, at: number): Error =>
  new StepFailed({ error, cause: new DefinedError(error), at, steps: [] });

/** The failure of a task, by the place that it is to name, wherever inside it comes up. */
export const failureIn = (error: unknown, reference: string): Error =>
  new StepFailed(failureAt(error, reference));

/** The same failure, with steps that are to be journaled with it. */
export const failureWith = (failure: Failure, steps: readonly StepWrite[]): Error =>
  new StepFailed({ ...failure, steps: [...failure.steps, ...steps] });
