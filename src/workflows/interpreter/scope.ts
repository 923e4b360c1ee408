import { onCallEnd } from '../../call-end.ts';
import type { Outcome, TaskContext } from './execution.ts';

/** The same place, of which the tasks end when `signal` is aborted, too. */
export function stoppedBy(signal: AbortSignal, place: TaskContext): TaskContext {
  const { execution } = place;
  const both = AbortSignal.any([execution.signal, signal]);
  return { ...place, execution: { ...execution, signal: both } };
}

interface End {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** With this error. */
  readonly error: Error;
}

/** Executes tasks that are stopped at a time. A run that is suspended in them is resumed then, at the latest. */
export async function within(
  place: TaskContext,
  { at, error }: End,
  work: (place: TaskContext) => Promise<Outcome>,
): Promise<Outcome> {
  const timer = new AbortController();
  // What was under way in them before the run was suspended ends with the error, too.
  if (Date.now() >= at) timer.abort(error);
  const stop = onCallEnd({ signal: place.execution.signal, deadline: at }, () => timer.abort(error));
  try {
    const outcome = await work(stoppedBy(timer.signal, place));
    if (!('suspendedUntil' in outcome)) return outcome;
    return { suspendedUntil: Math.min(outcome.suspendedUntil, at) };
  } finally {
    stop();
  }
}
