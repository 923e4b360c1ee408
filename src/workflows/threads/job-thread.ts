import { errorOf, HydrogenError } from '../../errors.ts';
import { tooManyOpenFiles } from '../../file-errors.ts';
import { threadHandle } from '../../workers/handle.ts';
import { createPool } from '../../workers/pool.ts';
import { startThread } from '../../workers/start.ts';
import type { JobReply, JobRequest } from './messages.ts';

export interface JobLimits {
  readonly signal: AbortSignal;
  /** When it must be answered, milliseconds since the epoch. */
  readonly deadline?: number;
  /** How long the job may compute, in ms; the start of the thread is not counted. */
  readonly timeoutMs: number;
  /** The error for a job that took longer. */
  readonly late: () => HydrogenError;
}

/** A thread, started when there is work, that does one job after another and can be ended in the middle. */
export interface JobThread<Job, Result> {
  run(job: Job, limits: JobLimits): Promise<Result>;
  /** Ends the thread and refuses what it has to do. */
  close(): Promise<void>;
}

interface Limited<Job> {
  readonly job: Job;
  readonly limits: JobLimits;
}

const startMs = 30_000;
/** What a thread may take to end, in ms. */
const graceMs = 3_000;

/**
 * @param source the thread's entry file
 * @param idleMs after how long without work the thread ends, to give its memory back
 */
export function createJobThread<Job, Result>(source: URL, idleMs: number): JobThread<Job, Result> {
  const pool = createPool<Limited<Job>, JobReply, Result>({
    start: () =>
      threadHandle(
        startThread(source, {
          // What a library prints there ("Aborted()") is no line of our log.
          stderr: true,
          resourceLimits: { maxOldGenerationSizeMb: 512 },
        }),
      ),
    idleMs,
    graceMs,
    begin({ job, worker, after, abandon }) {
      after(startMs, () =>
        abandon(new HydrogenError('unavailable', 'A worker thread did not start in time.')),
      );
      worker.post({ job: job.job } satisfies JobRequest);
    },
    computes({ job: { limits }, after, abandon }) {
      after(limits.timeoutMs, () => abandon(limits.late()));
    },
    receive(reply, { resolve, reject }) {
      if ('result' in reply) resolve(reply.result as Result);
      else reject(errorOf(reply.error));
    },
    lost({ reject }, { cause }) {
      const full = tooManyOpenFiles(cause);
      const message = full ?? 'it failed or ran out of memory and was stopped';
      reject(new HydrogenError(full ? 'unavailable' : 'too_large', message, { cause }));
    },
  });
  return {
    run(job, limits) {
      const { signal, deadline = Number.POSITIVE_INFINITY, late } = limits;
      return pool.run({ job, limits }, { signal, deadline }, late);
    },
    close: () => pool.close(),
  };
}
