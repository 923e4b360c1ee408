import type { Call } from '../../call.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { createJobThread, type JobThread } from '../threads/job-thread.ts';
import type { DefinitionJob, SchemaAnswer, SchemaJob, Verdict } from './messages.ts';

const schemaMs = 2_000;

// The threads know nothing of who asks, so that one of each serves the process; both end when idle.
// Between the files of a listing the first is kept; afterwards its 89 MB are given back.
const definitions: JobThread<DefinitionJob, Verdict> = createJobThread(
  new URL('./definition-thread.ts', import.meta.url),
  1_000,
);
const schemas: JobThread<SchemaJob, SchemaAnswer> = createJobThread(
  new URL('./schema-thread.ts', import.meta.url),
  20_000,
);

let users = 0;

/** Notes that someone may check something; the threads end with the last `release`. */
export function useChecker(): { release(): Promise<void> } {
  users++;
  return {
    async release() {
      if (--users === 0) await Promise.all([definitions.close(), schemas.close()]);
    },
  };
}

/**
 * Reads a definition and says whether it can be run.
 * @throws HydrogenError `timeout`, `too_large` when the thread ran out of memory, `cancelled`, `unavailable`.
 */
export function checkText(text: string, timeoutMs: number, signal: AbortSignal): Promise<Verdict> {
  const late = (): HydrogenError =>
    new HydrogenError('timeout', 'Checking a workflow definition took too long.');
  return definitions.run({ text }, { signal, timeoutMs, late });
}

/**
 * The input with the defaults of its schema.
 * @throws HydrogenError `bad_input` when it does not fit, or when checking it takes longer than it may, or than is
 * left of the call, the start of the thread included.
 */
export async function checkInput(schema: unknown, value: unknown, call: Call): Promise<unknown> {
  const { signal, deadline } = call;
  const late = (): HydrogenError =>
    badInput('Checking the input against the schema of the workflow took too long and was stopped.');
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.min(Math.max(0, deadline - Date.now()), 2 ** 31 - 1));
  const limits = { signal: AbortSignal.any([signal, over.signal]), timeoutMs: schemaMs, late };
  const answer = await schemas
    .run({ schema, value }, limits)
    .catch((error: unknown) => {
      throw over.signal.aborted && !signal.aborted ? late() : error;
    })
    .finally(() => clearTimeout(timer));
  if ('problem' in answer) {
    throw badInput(
      `The input does not fit the workflow: ${answer.problem}. See list_workflows for its schema.`,
    );
  }
  return answer.value;
}
