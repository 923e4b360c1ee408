import type { Call } from './call.ts';
import { callCancelled, callLate, type HydrogenError } from './errors.ts';

/** What ends a call. */
export type CallBounds = Pick<Call, 'signal' | 'deadline'>;

interface CallEndOptions {
  /** How long after the deadline it counts as late, ms: what does the work may notice by itself. */
  readonly graceMs?: number;
  /** The error of a call that is late. */
  readonly late?: () => HydrogenError;
}

/** The longest delay that a Node timer takes, ms. */
export const maxTimerMs = 2 ** 31 - 1;

/** The error of a call that is over; undefined while it goes on. */
export function callEnd(
  { signal, deadline }: CallBounds,
  late: () => HydrogenError = callLate,
): HydrogenError | undefined {
  if (signal.aborted) return callCancelled();
  return Date.now() >= deadline ? late() : undefined;
}

/**
 * Calls `listener` once, when the call is cancelled or late: never before this has returned.
 * @returns what takes it back, which must be called when the work is done first
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
 * Waits for work no longer than its call may take; the work itself is not stopped.
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
    // The end first: a call that is over is not answered with what is there already.
    return await Promise.race([promise, work]);
  } finally {
    forget();
  }
}
