import type { Worker } from 'node:worker_threads';
import { callCancelled, errorOf, HydrogenError } from '../../errors.ts';
import { tooManyOpenFiles } from '../../file-errors.ts';
import { startThread } from '../../workers/start.ts';
import type { JobReply, JobRequest } from './messages.ts';

export interface JobLimits {
  readonly signal: AbortSignal;
  /** How long the job may compute, in ms; the start of the thread is not counted. */
  readonly timeoutMs: number;
  /** The error for a job that took longer. */
  readonly late: () => HydrogenError;
}

/** A thread, started when there is work, that does one job after another and can be ended in the middle. */
export interface JobThread<Job, Result> {
  run(job: Job, limits: JobLimits): Promise<Result>;
  /** Ends the thread and refuses what it has to do; a later job would start it again. */
  close(): Promise<void>;
}

interface Waiting<Job> {
  readonly job: Job;
  readonly limits: JobLimits;
  readonly settle: (result: unknown, error?: unknown) => void;
}

const startMs = 30_000;

/**
 * @param source the thread's entry file
 * @param idleMs after how long without work the thread ends, to give its memory back
 */
export function createJobThread<Job, Result>(source: URL, idleMs: number): JobThread<Job, Result> {
  const waiting: Waiting<Job>[] = [];
  let worker: Worker | undefined;
  let ready = false;
  let current: Waiting<Job> | undefined;
  let clock: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  function kill(): void {
    const victim = worker;
    worker = undefined;
    ready = false;
    if (!victim) return;
    victim.ref();
    ended = victim.terminate();
  }

  /** Lets the thread end by itself, which also writes what it must at its exit. */
  function dismiss(): void {
    const leaving = worker;
    worker = undefined;
    ready = false;
    if (!leaving) return;
    // Whoever waits for its end must not be cut short by the end of the process.
    leaving.ref();
    ended = new Promise((resolve) => leaving.once('exit', resolve));
    leaving.postMessage({ end: true } satisfies JobRequest);
  }

  function finish(result: unknown, error?: unknown): void {
    const done = current;
    if (!done) return;
    current = undefined;
    clearTimeout(clock);
    done.settle(result, error);
    if (waiting.length > 0) next();
    else {
      worker?.unref();
      idle = setTimeout(dismiss, idleMs).unref();
    }
  }

  function stop(error: HydrogenError): void {
    kill();
    finish(undefined, error);
  }

  /** A job that is cancelled is answered then: in its turn the thread is ended, before it just leaves. */
  function cancel(entry: Waiting<Job>): void {
    const cancelled = callCancelled();
    if (entry === current) stop(cancelled);
    const place = waiting.indexOf(entry);
    if (place >= 0) waiting.splice(place, 1)[0]?.settle(undefined, cancelled);
  }

  function limit(milliseconds: number, error: () => HydrogenError): void {
    clearTimeout(clock);
    clock = setTimeout(() => stop(error()), milliseconds);
  }

  function receive(from: Worker, reply: JobReply): void {
    if (from !== worker || !current) return;
    if ('ready' in reply) {
      ready = true;
      limit(current.limits.timeoutMs, current.limits.late);
    } else if ('result' in reply) finish(reply.result);
    else finish(undefined, errorOf(reply.error));
  }

  function start(): Worker {
    const started = startThread(source, {
      // What a library prints there ("Aborted()") is no line of our log.
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    const lost = (cause: unknown): void => {
      if (started !== worker) return;
      worker = undefined;
      ready = false;
      const full = tooManyOpenFiles(cause);
      const message = full ?? 'it failed or ran out of memory, and was stopped';
      finish(undefined, new HydrogenError(full ? 'unavailable' : 'too_large', message, { cause }));
    };
    started.on('message', (reply: JobReply) => receive(started, reply));
    started.on('error', lost);
    started.on('exit', lost);
    return started;
  }

  function next(): void {
    if (current) return;
    current = waiting.shift();
    if (!current) return;
    clearTimeout(idle);
    const { job, limits } = current;
    worker ??= start();
    worker.ref();
    if (ready) limit(limits.timeoutMs, limits.late);
    else limit(startMs, () => new HydrogenError('unavailable', 'A worker thread did not start in time.'));
    worker.postMessage({ job } satisfies JobRequest);
  }

  return {
    run: (job, limits) =>
      new Promise<Result>((resolve, reject) => {
        const { signal } = limits;
        const abort = (): void => cancel(entry);
        const entry: Waiting<Job> = {
          job,
          limits,
          settle(result, error) {
            signal.removeEventListener('abort', abort);
            if (error === undefined) resolve(result as Result);
            else reject(error);
          },
        };
        waiting.push(entry);
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) abort();
        else next();
      }),
    async close() {
      clearTimeout(idle);
      const closing = new HydrogenError('unavailable', 'The server is shutting down.');
      for (const { settle } of waiting.splice(0)) settle(undefined, closing);
      if (current) stop(closing);
      else dismiss();
      clearTimeout(idle);
      await ended;
    },
  };
}
