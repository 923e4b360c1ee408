import { errorOf, HydrogenError } from '../../errors.ts';
import { tooManyOpenFiles } from '../../file-errors.ts';
import { threadHandle } from '../../workers/handle.ts';
import { createPool } from '../../workers/pool.ts';
import { startThread } from '../../workers/start.ts';
import type { JobReply, JobRequest } from './messages.ts';

export interface JobLimits {
  readonly signal: AbortSignal;
  /** When the answer is due, milliseconds since the epoch. */
  readonly deadline?: number;
  /** Computing time of the job, in ms, not counting the start of the thread. */
  readonly timeoutMs: number;
  /** The error for a job that took longer. */
  readonly late: () => HydrogenError;
}

/** A thread, started on demand, that does one job after another and can be terminated in the middle of one. */
export interface JobThread<Job, Result> {
  run(job: Job, limits: JobLimits): Promise<Result>;
  /** Ends the thread and rejects its pending jobs. */
  close(): Promise<void>;
}

interface Limited<Job> {
  readonly job: Job;
  readonly limits: JobLimits;
}

const startMs = 30_000;
/** How long a thread may take to end, in ms. */
const graceMs = 3_000;

/**
 * @param source the thread's entry file
 * @param idleMs idle time after which the thread ends, to free its memory
 */
export function createJobThread<Job, Result>(source: URL, idleMs: number): JobThread<Job, Result> {
  const pool = createPool<Limited<Job>, JobReply, Result>({
    start: () =>
      threadHandle(
        startThread(source, {
          // Output of libraries on stderr ("Aborted()") must not end up in our log.
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
