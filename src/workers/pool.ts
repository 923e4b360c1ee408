import { type CallBounds, callEnd, onCallEnd } from '../call-end.ts';
import { HydrogenError } from '../errors.ts';
import { readyMessage, retire, type WorkerEnd, type WorkerHandle } from './handle.ts';

/** A job in the hands of a worker. Once it has been answered, calls have no effect. */
export interface Turn<Job, Result, Handle> {
  readonly job: Job;
  readonly worker: Handle;
  resolve(result: Result): void;
  reject(error: unknown): void;
  /** Kills the worker if it cannot finish the job. */
  kill(): void;
  /** Kills the worker and rejects the job. */
  abandon(error: HydrogenError): void;
  /** The worker ends after this job; the next job gets a new one. */
  makeLast(): void;
  /** Calls `then` after `ms`, unless the job is answered first. A later `after` replaces an earlier one. */
  after(ms: number, then: () => void): void;
}

/** What is specific to the workers of a pool and their jobs. */
interface PoolProgram<Job, Reply, Result, Handle extends WorkerHandle<Reply> = WorkerHandle<Reply>> {
  /** If it throws, the job that needed the worker fails with that error. */
  readonly start: () => Handle;
  /** Maximum number of workers; 1 by default. */
  readonly size?: number;
  /** A worker without work for this long ends, to free its memory, ms. */
  readonly idleMs: number;
  /** How long a dismissed worker may take to end, ms. */
  readonly graceMs: number;
  /** Whether a job begins before those that wait and are not urgent. */
  readonly isUrgent?: (job: Job) => boolean;
  /** How to notify a worker of a cancelled job, and how long it may take to answer. Without it, it is killed at once. */
  readonly notice?: { readonly ms: number; readonly notify: (worker: Handle) => void };
  /** Hands a job to its worker, which may have to load something before it starts. */
  readonly begin: (turn: Turn<Job, Result, Handle>) => void;
  /** The worker has everything loaded and is computing. */
  readonly computes?: (turn: Turn<Job, Result, Handle>) => void;
  readonly receive: (reply: Reply, turn: Turn<Job, Result, Handle>) => void;
  /** Answers the job of a worker that ended during it, or (`isReady` false) before it could do anything. */
  readonly lost: (turn: Turn<Job, Result, Handle>, end: WorkerEnd, isReady: boolean) => void;
}

/** Workers that are started on demand, do one job at a time each, and end when idle. */
export interface Pool<Job, Result> {
  /**
   * Jobs start in order, urgent ones first. When the call of a job is over, the job is answered, even if it is still queued.
   * @param late creates the error for a call whose time is up
   * @throws HydrogenError `cancelled`, `timeout`, `unavailable` (the pool is closed), and the errors of the program
   */
  run(job: Job, call: CallBounds, late?: () => HydrogenError): Promise<Result>;
  /** Lets running jobs finish, then ends the workers; new jobs wait for `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Refuses queued jobs, gives running ones `patienceMs`, and resolves when no worker is left. */
  close(patienceMs?: number): Promise<void>;
}

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly call: CallBounds;
  readonly late: (() => HydrogenError) | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Unsubscribes from the end of the call. */
  unsubscribe: () => void;
}

interface Active<Job, Result, Handle> extends Turn<Job, Result, Handle> {
  /** Ends the turn because its call is over or the pool closes. */
  stop(error: HydrogenError): void;
}

interface Slot<Job, Result, Handle> {
  worker: Handle | undefined;
  isReady: boolean;
  turn: Active<Job, Result, Handle> | undefined;
  idle: NodeJS.Timeout | undefined;
  /** Resolves when the current job is done. */
  idled: PromiseWithResolvers<void> | undefined;
}

const closing = (): HydrogenError => new HydrogenError('unavailable', 'The server is shutting down.');

export function createPool<Job, Reply, Result, Handle extends WorkerHandle<Reply> = WorkerHandle<Reply>>(
  program: PoolProgram<Job, Reply, Result, Handle>,
): Pool<Job, Result> {
  type PoolSlot = Slot<Job, Result, Handle>;
  const { size = 1, idleMs, graceMs, notice, isUrgent = () => false } = program;
  const waiting: Waiting<Job, Result>[] = [];
  const slots = Array.from(
    { length: size },
    (): PoolSlot => ({
      worker: undefined,
      isReady: false,
      turn: undefined,
      idle: undefined,
      idled: undefined,
    }),
  );
  /** Workers that are ending: they may still have files open. */
  const ending = new Set<Promise<void>>();
  let isPaused = false;
  let isClosed = false;

  /** Detaches the slot's worker: from now on it is ignored. */
  function detach(slot: PoolSlot): Handle | undefined {
    const { worker } = slot;
    slot.worker = undefined;
    slot.isReady = false;
    clearTimeout(slot.idle);
    return worker;
  }

  async function waitForExit(exited: Promise<void>): Promise<void> {
    ending.add(exited);
    await exited;
    ending.delete(exited);
  }

  async function dismiss(slot: PoolSlot): Promise<void> {
    const worker = detach(slot);
    if (worker) await waitForExit(retire(worker, graceMs));
  }

  function kill(slot: PoolSlot): void {
    const worker = detach(slot);
    if (!worker) return;
    worker.ref();
    worker.kill();
    void waitForExit(worker.exited);
  }

  function finishTurn(slot: PoolSlot, isLast: boolean): void {
    slot.turn = undefined;
    if (isLast) void dismiss(slot);
    else if (slot.worker) {
      slot.worker.unref();
      slot.idle = setTimeout(() => void dismiss(slot), idleMs).unref();
    }
    slot.idled?.resolve();
    slot.idled = undefined;
    queueMicrotask(serve);
  }

  function workerOf(slot: PoolSlot): Handle {
    clearTimeout(slot.idle);
    if (slot.worker) return slot.worker;
    const worker = program.start();
    slot.worker = worker;
    worker.onMessage((reply) => {
      if (slot.worker !== worker) return;
      if (reply !== readyMessage) {
        if (slot.turn) program.receive(reply, slot.turn);
        return;
      }
      slot.isReady = true;
      if (slot.turn) program.computes?.(slot.turn);
      serve();
    });
    void worker.lost.then((end) => {
      if (slot.worker !== worker) return;
      const { isReady, turn } = slot;
      detach(slot);
      if (turn) program.lost(turn, end, isReady);
    });
    return worker;
  }

  function begin(slot: PoolSlot, { job, call, late, resolve, reject }: Waiting<Job, Result>): void {
    let timer: NodeJS.Timeout | undefined;
    let isLast = false;
    const finish = (answer: () => void): void => {
      if (slot.turn !== turn) return;
      clearTimeout(timer);
      unsubscribe();
      finishTurn(slot, isLast);
      answer();
    };
    const after = (ms: number, then: () => void): void => {
      if (slot.turn !== turn) return;
      clearTimeout(timer);
      timer = setTimeout(then, ms);
    };
    const abandon = (error: HydrogenError): void => {
      turn.kill();
      turn.reject(error);
    };
    const turn: Active<Job, Result, Handle> = {
      job,
      worker: workerOf(slot),
      resolve: (result) => finish(() => resolve(result)),
      reject: (error) => finish(() => reject(error)),
      kill() {
        if (slot.turn === turn) kill(slot);
      },
      abandon,
      makeLast() {
        isLast = true;
      },
      after,
      stop(error) {
        if (!notice) return abandon(error);
        notice.notify(turn.worker);
        after(notice.ms, () => abandon(error));
      },
    };
    slot.turn = turn;
    // Workers that are notified of cancellations check the deadline themselves.
    const over = (error: HydrogenError): void => (call.signal.aborted ? turn.stop(error) : abandon(error));
    const unsubscribe = onCallEnd(call, over, { ...(late && { late }), graceMs: notice?.ms ?? 0 });
    turn.worker.ref();
    program.begin(turn);
    if (slot.isReady) program.computes?.(turn);
  }

  /** If starting the worker or handing it the job throws, the job fails with that error. */
  function beginOrReject(slot: PoolSlot, entry: Waiting<Job, Result>): void {
    try {
      begin(slot, entry);
    } catch (error) {
      entry.reject(error);
      if (slot.turn) slot.turn.reject(error);
      else queueMicrotask(serve);
    }
  }

  function enqueue(entry: Waiting<Job, Result>): void {
    const first = isUrgent(entry.job) ? waiting.findIndex(({ job }) => !isUrgent(job)) : -1;
    if (first < 0) waiting.push(entry);
    else waiting.splice(first, 0, entry);
  }

  /** The first queued job whose call is not over; those before it are answered. */
  function next(): Waiting<Job, Result> | undefined {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      entry.unsubscribe();
      const over = callEnd(entry.call, entry.late);
      if (!over) return entry;
      entry.reject(over);
    }
    return undefined;
  }

  /** Another worker is started only once the one before is up, which may have emptied the queue by then. */
  function serve(): void {
    if (isPaused) return;
    for (const slot of slots) {
      if (slot.turn) continue;
      if (!slot.worker && slots.some((other) => other.worker && !other.isReady)) continue;
      const entry = next();
      if (!entry) return;
      beginOrReject(slot, entry);
    }
  }

  async function settle(slot: PoolSlot): Promise<void> {
    if (slot.turn) {
      slot.idled ??= Promise.withResolvers();
      await slot.idled.promise;
    }
    await dismiss(slot);
  }

  async function settleAll(): Promise<void> {
    await Promise.all(slots.map(settle));
    await Promise.all(ending);
  }

  return {
    run: (job, call, late) =>
      new Promise((resolve, reject) => {
        const over = isClosed ? closing() : callEnd(call, late);
        if (over) return reject(over);
        const entry: Waiting<Job, Result> = { job, call, late, resolve, reject, unsubscribe() {} };
        enqueue(entry);
        serve();
        if (!waiting.includes(entry)) return;
        const drop = (error: HydrogenError): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(error);
        };
        entry.unsubscribe = onCallEnd(call, drop, late && { late });
      }),
    async pause() {
      isPaused = true;
      await settleAll();
    },
    resume() {
      isPaused = false;
      serve();
    },
    async close(patienceMs = 0) {
      isClosed = true;
      for (const { unsubscribe, reject } of waiting.splice(0)) {
        unsubscribe();
        reject(closing());
      }
      const stop = (): void => {
        for (const { turn } of slots) turn?.stop(closing());
      };
      const timer = patienceMs > 0 ? setTimeout(stop, patienceMs) : undefined;
      if (!timer) stop();
      await settleAll();
      clearTimeout(timer);
    },
  };
}
