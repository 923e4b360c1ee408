import { setTimeout as delay } from 'node:timers/promises';
import { type Call, type Caller, systemCall } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import { fault } from '../faults.ts';
import type { CallReport } from '../interpreter/execution.ts';
import type { WorkflowFunctions } from '../types.ts';

/** How long to wait for a function that was stopped before abandoning it. */
const graceMs = 500;

/** Pauses before a function is called again, ms, each twice as long as the one before. */
const firstPauseMs = 500;
const longestPauseMs = 5_000;

/**
 * Calls a function again while what it needs is away: a run waits for a server instead of ending when one restarts. All
 * functions read, so that calling one twice does no harm.
 */
async function whenAvailable(
  work: () => Promise<unknown>,
  { signal, deadline, log }: Call,
  report?: CallReport,
): Promise<unknown> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      const isAway = error instanceof HydrogenError && error.code === 'unavailable';
      if (!isAway || signal.aborted || Date.now() + pauseMs >= deadline) throw error;
      log.warn({ err: error }, 'a function of a run is called again');
      report?.waits(error.message, deadline);
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
}

/**
 * Calls a function as the run's caller, again for as long as what it needs is away. It is aborted when the run stops or
 * the time is up.
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
    readonly report?: CallReport;
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
  const call = systemCall(context.log, {
    caller: context.caller,
    signal,
    limitMs: timeoutMs,
    origin: { transport: 'run' },
  });
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
    const work = (): Promise<unknown> => functions.call(name, args, call, context.report?.tell);
    return await Promise.race([whenAvailable(work, call, context.report), stopped]);
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
