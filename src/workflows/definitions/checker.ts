import type { Call } from '../../call.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { createJobThread, type JobThread } from '../threads/job-thread.ts';
import type { DefinitionJob, SchemaAnswer, SchemaJob, Verdict } from './messages.ts';

const schemaMs = 2_000;

/** The threads know nothing of who asks, so that one of each serves the process; both end when idle. */
interface Threads {
  readonly definitions: JobThread<DefinitionJob, Verdict>;
  readonly schemas: JobThread<SchemaJob, SchemaAnswer>;
}

const createThreads = (): Threads => ({
  // Between the files of a listing it is kept; afterwards its 89 MB are given back.
  definitions: createJobThread(new URL('./definition-thread.ts', import.meta.url), 1_000),
  schemas: createJobThread(new URL('./schema-thread.ts', import.meta.url), 20_000),
});

let threads = createThreads();
let users = 0;

/** Notes that someone may check something; the threads end with the last `release`. */
export function useChecker(): { release(): Promise<void> } {
  users++;
  return {
    async release() {
      if (--users > 0) return;
      const { definitions, schemas } = threads;
      threads = createThreads();
      await Promise.all([definitions.close(), schemas.close()]);
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
  return threads.definitions.run({ text }, { signal, timeoutMs, late });
}

/**
 * The input with the defaults of its schema.
 * @throws HydrogenError `bad_input` when it does not fit, or when checking it takes longer than it may, or than is
 * left of the call, the start of the thread included.
 */
export async function checkInput(schema: unknown, value: unknown, call: Call): Promise<unknown> {
  const { signal, deadline } = call;
  const late = (): HydrogenError =>
    badInput("Checking the input against the workflow's schema took too long and was stopped.");
  const limits = { signal, deadline, timeoutMs: schemaMs, late };
  const answer = await threads.schemas.run({ schema, value }, limits);
  if ('problem' in answer) {
    throw badInput(`The input is not valid: ${answer.problem}. list_workflows shows its schema.`);
  }
  return answer.value;
}
