import type { Call } from './call.ts';
import { callCancelled, callLate, type HydrogenError } from './errors.ts';

/** What can end a call: cancellation and its deadline. */
export type CallBounds = Pick<Call, 'signal' | 'deadline'>;

interface CallEndOptions {
  /** How long after the deadline the call counts as late, ms: the worker may notice the deadline itself. */
  readonly graceMs?: number;
  /** Creates the error for a late call. */
  readonly late?: () => HydrogenError;
}

/** The longest delay a Node timer supports, ms. */
export const maxTimerMs = 2 ** 31 - 1;

/** The error of a call that is over; undefined while it is still running. */
export function callEnd(
  { signal, deadline }: CallBounds,
  late: () => HydrogenError = callLate,
): HydrogenError | undefined {
  if (signal.aborted) return callCancelled();
  return Date.now() >= deadline ? late() : undefined;
}

/** @throws HydrogenError `cancelled` or `timeout` when the call is over */
export function throwIfCallEnded(call: CallBounds): void {
  const end = callEnd(call);
  if (end) throw end;
}

/**
 * Calls `listener` once when the call is cancelled or late, and never before this function has returned.
 * @returns a function that unsubscribes; call it if the work finishes first
 */
export function onCallEnd(
  { signal, deadline }: CallBounds,
  listener: (error: HydrogenError) => void,
  { graceMs = 0, late = callLate }: CallEndOptions = {},
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const forget = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  };
  const end = (error: HydrogenError): void => {
    forget();
    listener(error);
  };
  const cancel = (): void => end(callCancelled());
  const wait = (): void => {
    const left = deadline + graceMs - Date.now();
    timer =
      left > maxTimerMs ? setTimeout(wait, maxTimerMs) : setTimeout(() => end(late()), Math.max(0, left));
  };
  if (signal.aborted) timer = setTimeout(cancel, 0);
  else {
    signal.addEventListener('abort', cancel, { once: true });
    if (Number.isFinite(deadline)) wait();
  }
  return forget;
}

/**
 * Waits for work until its call is over; the work itself is not stopped.
 * @throws HydrogenError `cancelled`, `timeout`, and what the work throws
 */
export async function duringCall<T>(
  work: Promise<T>,
  call: CallBounds,
  late?: () => HydrogenError,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const over = callEnd(call, late);
  if (over) reject(over);
  const forget = over ? () => {} : onCallEnd(call, reject, late && { late });
  try {
    // The end of the call comes first: a call that is over must not return a result, even one that is ready.
    return await Promise.race([promise, work]);
  } finally {
    forget();
  }
}
