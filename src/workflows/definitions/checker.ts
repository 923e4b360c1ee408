import { badInput, HydrogenError } from '../../errors.ts';
import { createJobThread, type JobThread } from '../threads/job-thread.ts';
import type { DefinitionJob, SchemaAnswer, SchemaJob, Verdict } from './messages.ts';

const schemaMs = 2_000;

/** The threads are stateless, so one of each serves the whole process; both exit when idle. */
interface Threads {
  readonly definitions: JobThread<DefinitionJob, Verdict>;
  readonly schemas: JobThread<SchemaJob, SchemaAnswer>;
}

const createThreads = (): Threads => ({
  // It is kept between the files of a listing; afterwards its 89 MB are freed.
  definitions: createJobThread(new URL('./definition-thread.ts', import.meta.url), 1_000),
  schemas: createJobThread(new URL('./schema-thread.ts', import.meta.url), 20_000),
});

let threads = createThreads();
let users = 0;

/** Registers a user of the checker; the threads end with the last `release`. */
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
 * Reads a definition and checks whether it can be run.
 * @throws HydrogenError `timeout`, `too_large` when the thread ran out of memory, `cancelled`, `unavailable`.
 */
export function checkText(text: string, timeoutMs: number, signal: AbortSignal): Promise<Verdict> {
  const late = (): HydrogenError =>
    new HydrogenError('timeout', 'Checking a workflow definition took too long.');
  return threads.definitions.run({ text }, { signal, timeoutMs, late });
}

/**
 * A value with the defaults of its schema.
 * @throws HydrogenError `bad_input` when it is not valid, or when checking it exceeds its time limit or the call's
 * deadline, thread start included
 */
export async function checkValue(
  job: SchemaJob,
  limits: { readonly signal: AbortSignal; readonly deadline?: number },
  hint = '',
): Promise<unknown> {
  const { what } = job;
  const late = (): HydrogenError =>
    badInput(`Checking ${what} against its schema took too long and was stopped.`);
  const answer = await threads.schemas.run(job, { ...limits, timeoutMs: schemaMs, late });
  if ('problem' in answer) {
    throw badInput(`${what.replace(/^t/, 'T')} is not valid: ${answer.problem}.${hint && ` ${hint}`}`);
  }
  return answer.value;
}
