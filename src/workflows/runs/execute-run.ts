import { bulkhead } from 'cockatiel';
import { type Call, systemCall } from '../../call.ts';
import { onCallEnd } from '../../call-end.ts';
import { HydrogenError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import type { ClaimedRun, Journal, RunEnd } from '../../stores/journal/types.ts';
import { checkValue } from '../definitions/checker.ts';
import { type Definition, timeoutOf } from '../definitions/dsl.ts';
import type { Evaluator } from '../expressions/evaluator.ts';
import { DefinedError, fault, runErrorOf } from '../faults.ts';
import { failureOf } from '../interpreter/failure.ts';
import { interpret } from '../interpreter/interpret.ts';
import type { WorkflowFunctions } from '../types.ts';
import { callFunction } from './call-function.ts';
import { assertRecoverable } from './recovery.ts';
import type { RunSettings } from './settings.ts';
import { stopError, stopReason } from './stopping.ts';

export interface Parts {
  readonly journal: Journal;
  readonly functions: WorkflowFunctions;
  readonly evaluator: Evaluator;
  readonly settings: RunSettings;
  readonly log: Logger;
}

/**
 * What became of the execution of a run: the run has ended; it is suspended, to go on in this process or another, at
 * `until` or at once; or it was lost to another process, which has its lease now.
 */
export type RunOutcome =
  | RunEnd
  | { readonly state: 'suspended'; readonly until?: number }
  | { readonly state: 'lost' };

const journalMs = 10_000;

/** The call with which this process accesses the journal on its own behalf. */
export function journalCall(log: Logger): Call {
  return systemCall(log, { limitMs: journalMs });
}

/** Retries a write while the store is unavailable; the lease decides whether it still counts by then. */
async function persist<T>(write: () => Promise<T>, control: AbortController, log: Logger): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      const code = error instanceof HydrogenError ? error.code : undefined;
      if (code === 'conflict') {
        control.abort(stopError('run_taken'));
        throw control.signal.reason;
      }
      if (code !== 'unavailable' && code !== 'timeout') throw error;
      // At shutdown the step is left to whoever resumes the run.
      if (stopReason(control.signal) === 'server_ends') throw control.signal.reason;
      log.warn({ err: error }, 'the journal cannot be written; retrying');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/**
 * Executes a run that this process holds, to its end or until `control` is aborted with a `stopError`, and journals the
 * outcome. Calls `onChange` after each write.
 */
export async function executeRun(
  claimed: ClaimedRun,
  control: AbortController,
  parts: Parts,
  onChange: () => void,
): Promise<RunOutcome> {
  const { journal, functions, evaluator, settings } = parts;
  const { lease, run } = claimed;
  const { signal } = control;
  const log = parts.log.child({ run: run.id, workflow: run.workflow });
  const definition = JSON.parse(claimed.definition) as Definition;
  const startedAt = run.startedAt ?? Date.now();
  const calls = bulkhead(settings.maxCalls, Number.MAX_SAFE_INTEGER);
  let clearTimeLimit = (): void => {};

  async function compute(): Promise<RunOutcome> {
    if (claimed.cancelRequested) control.abort(stopError('cancelled'));
    assertRecoverable(claimed, settings);
    const limitMs = timeoutOf(definition.timeout, definition.use);
    const deadline = limitMs === undefined ? Number.POSITIVE_INFINITY : startedAt + limitMs;
    const late = (): HydrogenError => stopError('late');
    // A run that was suspended until then must not begin another step.
    if (Date.now() >= deadline) control.abort(late());
    else clearTimeLimit = onCallEnd({ signal, deadline }, (end) => control.abort(end), { late });
    const earlier = await persist(() => journal.journaled(run.id, journalCall(log)), control, log);
    const outcome = await interpret({
      id: run.id,
      definition,
      input: JSON.parse(run.input),
      startedAt,
      runSignal: signal,
      signal,
      journaled: earlier,
      limits: settings,
      async record(steps) {
        const { cancelRequested } = await persist(
          () => journal.record(lease, steps, journalCall(log)),
          control,
          log,
        );
        onChange();
        if (cancelRequested) control.abort(stopError('cancelled'));
        signal.throwIfAborted();
      },
      call(name, args, report, stop) {
        const context = { caller: run.caller, signal: stop, log, report };
        return calls.execute(() => {
          // Its turn may come when nobody waits for it any more.
          stop.throwIfAborted();
          return callFunction(functions, name, args, context, settings.functionMs);
        });
      },
      validate: (schema, value, what, stop) => checkValue({ schema, value, what }, { signal: stop }),
      evaluate: (expressions, data, variables, stop) =>
        evaluator.evaluate(expressions, data, variables, stop),
    });
    if ('suspendedUntil' in outcome) {
      return { state: 'suspended', until: Math.ceil(Math.min(outcome.suspendedUntil, deadline)) };
    }
    const text = JSON.stringify(outcome.output ?? null);
    if (Buffer.byteLength(text) > settings.maxResultBytes) {
      throw fault(
        'runtime',
        `The workflow's output exceeds ${settings.maxResultBytes} bytes; select less with output.as.`,
      );
    }
    return { state: 'completed', output: text };
  }

  /** The outcome of an incomplete run. */
  async function failed(error: unknown): Promise<RunOutcome> {
    const reason = stopReason(signal);
    if (reason === 'run_taken') return { state: 'lost' };
    if (reason === 'server_ends') return { state: 'suspended' };
    if (reason === 'cancelled') return { state: 'cancelled' };
    if (reason === 'late') return { state: 'faulted', error: runErrorOf(signal.reason, '/timeout') };
    const failure = failureOf(error);
    const { cause } = failure;
    if (!(cause instanceof HydrogenError || cause instanceof DefinedError))
      log.error({ err: cause }, 'a task failed unexpectedly');
    if (failure.steps.length > 0) {
      await persist(() => journal.record(lease, failure.steps, journalCall(log)), control, log);
    }
    return { state: 'faulted', error: failure.error };
  }

  async function journaled(outcome: RunOutcome): Promise<void> {
    if (outcome.state === 'lost') return;
    if (outcome.state === 'suspended') {
      await persist(() => journal.release(lease, outcome.until, journalCall(log)), control, log);
      return;
    }
    await persist(() => journal.finish(lease, outcome, journalCall(log)), control, log);
    log.info({ state: outcome.state }, 'run ended');
  }

  try {
    const outcome = await compute().catch(failed);
    clearTimeLimit();
    await journaled(outcome);
    return outcome;
  } catch (error) {
    // The lease was lost or the store is gone: the journal has what counts, and another process continues.
    log.warn({ err: error }, 'left a run to be resumed later');
    return { state: 'lost' };
  } finally {
    clearTimeLimit();
    onChange();
  }
}
