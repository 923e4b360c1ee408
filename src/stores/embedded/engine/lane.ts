import type { Worker } from 'node:worker_threads';
import type { Call } from '../../../call.ts';
import { callCancelled, callLate, errorOf, HydrogenError } from '../../../errors.ts';
import { tooManyOpenFiles } from '../../../file-errors.ts';
import {
  endRequest,
  type FromThread,
  filesMoved,
  heavyMessage,
  type Request,
  readyMessage,
} from './messages.ts';
import { type StoreThread, startStoreThread } from './start-store-thread.ts';

interface Job {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly call: Call;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Ends what would make it leave the queue: its turn has come. */
  taken: () => void;
}

/** A thread that does one job at a time, and the jobs that wait for it. */
interface Slot {
  worker: Worker | undefined;
  /** Memory shared with the thread, as `ThreadData` says. */
  shared: Int32Array;
  /** Its connection is open. */
  ready: boolean;
  /** It ends with its job. */
  heavy: boolean;
  running: { job: Job; request: Request; timers: NodeJS.Timeout[]; stop: () => void } | undefined;
  idle: NodeJS.Timeout | undefined;
}

export interface LaneQueue {
  /** Throws `filesMoved` when the job was not done: its thread has another file open than lies at the path. */
  run(name: string, args: readonly unknown[], call: Call): Promise<unknown>;
  /** Lets what is under way end and closes the connections; what comes waits for `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Lets running jobs end for a moment, then cancels them. */
  close(): Promise<void>;
}

/** How long a job may take to notice that it was cancelled before its thread is ended, in ms. */
const graceMs = 300;
/** How long a running job may go on when its lane is closed, before it is cancelled, in ms. */
const closeMs = 300;
/** A thread is looked at so often, in ms, and ended when it was inside one match so many times in a row. */
const lookMs = 100;
const maxLooks = 3;
/** The longest delay that a Node timer takes, in ms. */
const maxTimerMs = 2 ** 31 - 1;

/** What is told of a job whose thread was in one match for too long. */
const endlessMatch = (): HydrogenError =>
  new HydrogenError(
    'timeout',
    'A regular expression took too long on a single text and was stopped: it can match in too many ways. Do not repeat what is repeated already, as in (a+)+ or (a|ab)*, do not put many .* in a row, and begin with ^ where that is meant.',
  );

/**
 * A queue served by up to `size` threads of one lane. A thread without work for `idleMs` is ended, to give
 * its memory back. Jobs start in order; a job whose call is cancelled
 * or late is told so through shared memory, and if its thread does not answer, the thread is replaced.
 */
export function createLane(thread: StoreThread, size: number, idleMs: number): LaneQueue {
  const waiting: Job[] = [];
  const slots: Slot[] = Array.from({ length: size }, () => ({
    worker: undefined,
    shared: new Int32Array(0),
    ready: false,
    heavy: false,
    running: undefined,
    idle: undefined,
  }));
  let nextId = 1;
  /** Threads that end: they may have their connection open still. */
  const leaving = new Set<Promise<unknown>>();
  let closed = false;
  let paused = false;

  function note(ending: Promise<unknown>): Promise<unknown> {
    leaving.add(ending);
    return ending.finally(() => leaving.delete(ending));
  }

  /** Lets a thread without work close its connection. */
  async function retire(slot: Slot): Promise<void> {
    const { worker } = slot;
    slot.worker = undefined;
    clearTimeout(slot.idle);
    if (!worker) return;
    worker.ref();
    const exited = note(new Promise((resolve) => worker.once('exit', resolve)));
    worker.postMessage(endRequest);
    const impatient = setTimeout(() => void worker.terminate(), graceMs * 10);
    await exited;
    clearTimeout(impatient);
  }

  function finish(slot: Slot): Job | undefined {
    const { running } = slot;
    if (!running) return undefined;
    slot.running = undefined;
    for (const timer of running.timers) clearTimeout(timer);
    running.job.call.signal.removeEventListener('abort', running.stop);
    if (slot.heavy) void retire(slot);
    if (slot.worker) {
      slot.worker.unref();
      slot.idle = setTimeout(() => void retire(slot), idleMs).unref();
    }
    queueMicrotask(serve);
    return running.job;
  }

  function receive(slot: Slot, reply: FromThread): void {
    if (reply === heavyMessage) {
      slot.heavy = true;
      return;
    }
    if (reply === readyMessage) {
      slot.ready = true;
      serve();
      return;
    }
    if (reply.id !== slot.running?.request.id) return;
    if ('progress' in reply) {
      slot.running.job.call.progress(reply.progress);
      return;
    }
    const job = finish(slot);
    if ('result' in reply) {
      job?.resolve(reply.result);
      return;
    }
    if ('moved' in reply) {
      job?.reject(filesMoved);
      return;
    }
    const { stack, ...parts } = reply.error;
    job?.reject(errorOf(parts, stack));
  }

  function fail(slot: Slot, worker: Worker, cause: unknown): void {
    if (slot.worker !== worker) return;
    slot.worker = undefined;
    clearTimeout(slot.idle);
    finish(slot)?.reject(
      new HydrogenError(
        'unavailable',
        tooManyOpenFiles(cause) ??
          'The embedded store could not be opened or stopped unexpectedly; the log (stderr) has the details. Try again.',
        { cause },
      ),
    );
  }

  function workerOf(slot: Slot): Worker {
    clearTimeout(slot.idle);
    if (slot.worker) return slot.worker;
    const { worker, shared } = startStoreThread(thread);
    worker.on('message', (reply: FromThread) => {
      if (slot.worker === worker) receive(slot, reply);
    });
    worker.on('error', (cause) => fail(slot, worker, cause));
    worker.on('exit', (code) => fail(slot, worker, `exit ${code}`));
    slot.worker = worker;
    slot.shared = shared;
    slot.ready = false;
    slot.heavy = false;
    return worker;
  }

  /** The thread did not answer in time: the caller is answered now and the thread ended. */
  function abandon(slot: Slot, error: HydrogenError): void {
    const { worker } = slot;
    slot.worker = undefined;
    if (worker) void note(worker.terminate());
    finish(slot)?.reject(error);
  }

  /** Ends the thread when it does not come out of one match of a regular expression. */
  function watch(slot: Slot, shared: Int32Array): NodeJS.Timeout {
    let last = 0;
    let looks = 0;
    return setInterval(() => {
      const now = Atomics.load(shared, 1);
      looks = now !== 0 && now === last ? looks + 1 : 0;
      last = now;
      if (looks >= maxLooks) abandon(slot, endlessMatch());
    }, lookMs).unref();
  }

  function begin(slot: Slot, job: Job): void {
    const worker = workerOf(slot);
    const { shared } = slot;
    // The job before may have been cancelled as it ended.
    for (const place of shared.keys()) Atomics.store(shared, place, 0);
    const { deadline, signal } = job.call;
    const { name, args } = job;
    const request: Request = { id: nextId++, name, args, deadline };
    const timers: NodeJS.Timeout[] = [watch(slot, shared)];
    const stop = (): void => {
      Atomics.store(shared, 0, 1);
      timers.push(setTimeout(() => abandon(slot, callCancelled()), graceMs));
    };
    slot.running = { job, request, timers, stop };
    signal.addEventListener('abort', stop, { once: true });
    if (Number.isFinite(deadline)) {
      const left = Math.min(Math.max(0, deadline - Date.now()) + graceMs, maxTimerMs);
      timers.push(setTimeout(() => abandon(slot, callLate()), left));
    }
    worker.ref();
    worker.postMessage(request);
  }

  /** The first job whose call goes on still; those before it are answered. */
  function nextJob(): Job | undefined {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const { call } = job;
      job.taken();
      if (call.signal.aborted) job.reject(callCancelled());
      else if (Date.now() > call.deadline) job.reject(callLate());
      else return job;
    }
    return undefined;
  }

  /** A second thread is started for what waits only once the first is up: it may be done by then. */
  function serve(): void {
    if (paused) return;
    for (const slot of slots) {
      if (slot.running) continue;
      if (!slot.worker && slots.some((other) => other.worker && !other.ready)) continue;
      const job = nextJob();
      if (job) begin(slot, job);
    }
  }

  /** A job that is still waiting when its call is cancelled or late is answered then, not at its turn. */
  function leaveOnTime(job: Job): void {
    const { signal, deadline } = job.call;
    if (!waiting.includes(job)) return;
    const leave = (error: HydrogenError): void => {
      job.taken();
      waiting.splice(waiting.indexOf(job), 1);
      job.reject(error);
    };
    const cancelled = (): void => leave(callCancelled());
    signal.addEventListener('abort', cancelled, { once: true });
    const timer = Number.isFinite(deadline)
      ? setTimeout(() => leave(callLate()), Math.min(Math.max(0, deadline - Date.now()), maxTimerMs)).unref()
      : undefined;
    job.taken = () => {
      signal.removeEventListener('abort', cancelled);
      clearTimeout(timer);
    };
  }

  /** @param patienceMs how long a job may go on before it is cancelled; without it, as long as it takes */
  async function settle(slot: Slot, patienceMs?: number): Promise<void> {
    const impatient =
      patienceMs === undefined ? undefined : setTimeout(() => slot.running?.stop(), patienceMs);
    while (slot.running) await new Promise((resolve) => setTimeout(resolve, 5));
    clearTimeout(impatient);
    await retire(slot);
  }

  return {
    async pause() {
      paused = true;
      await Promise.all(slots.map((slot) => settle(slot)));
      await Promise.all(leaving);
    },
    resume() {
      paused = false;
      serve();
    },
    run: (name, args, call) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new HydrogenError('unavailable', 'The server is shutting down.'));
          return;
        }
        const job: Job = { name, args, call, resolve, reject, taken() {} };
        waiting.push(job);
        serve();
        leaveOnTime(job);
      }),
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) {
        job.taken();
        job.reject(new HydrogenError('unavailable', 'The server is shutting down.'));
      }
      await Promise.all(slots.map((slot) => settle(slot, closeMs)));
    },
  };
}
