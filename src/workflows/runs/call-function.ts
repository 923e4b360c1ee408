import { type Caller, systemCall } from '../../call.ts';
import type { HydrogenError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import { fault } from '../faults.ts';
import type { WorkflowFunctions } from '../types.ts';

/** How long to wait for a function that was stopped before abandoning it. */
const graceMs = 500;

/**
 * Calls a function as the run's caller. It is aborted when the run stops or the time is up.
 * @throws HydrogenError the function's own, a timeout fault, or the reason of `signal`
 */
export async function callFunction(
  functions: WorkflowFunctions,
  name: string,
  args: unknown,
  context: {
    readonly caller: Caller;
    readonly signal: AbortSignal;
    readonly log: Logger;
    readonly tell?: (note: string) => void;
  },
  timeoutMs: number,
): Promise<unknown> {
  if (!functions.names.includes(name)) {
    throw fault('configuration', `This server has no function "${name}"; it may be disabled.`);
  }
  const late = (): HydrogenError =>
    fault('timeout', `The function "${name}" took longer than ${timeoutMs / 1000} s and was stopped.`);
  const timer = new AbortController();
  const signal = AbortSignal.any([context.signal, timer.signal]);
  const call = systemCall(context.log, { caller: context.caller, signal, limitMs: timeoutMs });
  let clock: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      grace = setTimeout(() => reject(context.signal.aborted ? context.signal.reason : late()), graceMs);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    clock = setTimeout(() => timer.abort(late()), timeoutMs);
  });
  try {
    return await Promise.race([functions.call(name, args, call, context.tell), stopped]);
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    throw timer.signal.aborted ? late() : error;
  } finally {
    clearTimeout(clock);
    clearTimeout(grace);
    // Node keeps a composite signal alive as long as it has listeners.
    signal.removeEventListener('abort', stop);
  }
}
