import { type CallBounds, callEnd, onCallEnd } from '../call-end.ts';
import { HydrogenError } from '../errors.ts';
import { readyMessage, retire, type WorkerEnd, type WorkerHandle } from './handle.ts';

/** A job that a worker has in hand. What is said of one that has been answered counts for nothing. */
export interface Turn<Job, Result, Handle> {
  readonly job: Job;
  readonly worker: Handle;
  resolve(result: Result): void;
  reject(error: unknown): void;
  /** Kills the worker, which does not come to an end with the job. */
  kill(): void;
  /** Kills it and rejects. */
  abandon(error: HydrogenError): void;
  /** The worker ends with this job: the next one has a new one. */
  makeLast(): void;
  /** Calls `then` after so many ms, unless the job is answered or something else is set first. */
  after(ms: number, then: () => void): void;
}

/** What is special of the workers of a pool, and of what they do. */
interface PoolProgram<Job, Reply, Result, Handle extends WorkerHandle<Reply> = WorkerHandle<Reply>> {
  /** What it throws is the answer of the job for which a worker was to be started. */
  readonly start: () => Handle;
  /** How many workers there may be; one, if it is not said. */
  readonly size?: number;
  /** After how long without work a worker ends, to give its memory back, ms. */
  readonly idleMs: number;
  /** What a worker that is let go may take to end, ms. */
  readonly graceMs: number;
  /** How the worker is told that its job was cancelled, and how long it may take to answer. Else it is killed at once. */
  readonly notice?: { readonly ms: number; readonly tell: (worker: Handle) => void };
  /** Hands a job to its worker, which may have to load something first. */
  readonly begin: (turn: Turn<Job, Result, Handle>) => void;
  /** The worker computes: it had loaded what it needs, or has now. */
  readonly computes?: (turn: Turn<Job, Result, Handle>) => void;
  readonly receive: (reply: Reply, turn: Turn<Job, Result, Handle>) => void;
  /** The worker ended in the middle, or (`isReady` false) before it could do anything: answers the job. */
  readonly lost: (turn: Turn<Job, Result, Handle>, end: WorkerEnd, isReady: boolean) => void;
}

/** Workers that are started when there is work, do one job at a time each, and end when there is none. */
export interface Pool<Job, Result> {
  /**
   * Jobs begin in order. One whose call is over is answered then, also where it still waits.
   * @param late the error of a call whose time is up
   * @throws HydrogenError `cancelled`, `timeout`, `unavailable` (the pool was closed), and what the program answers
   */
  run(job: Job, call: CallBounds, late?: () => HydrogenError): Promise<Result>;
  /** Lets the jobs under way end, then the workers; what comes waits for `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** Refuses what waits, gives the jobs under way `patienceMs`, and resolves when no worker is left. */
  close(patienceMs?: number): Promise<void>;
}

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly call: CallBounds;
  readonly late: (() => HydrogenError) | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Takes back that it leaves the queue when its call is over. */
  forget: () => void;
}

interface Active<Job, Result, Handle> extends Turn<Job, Result, Handle> {
  /** Ends the turn, for its call or for the pool. */
  stop(error: HydrogenError): void;
}

interface Slot<Job, Result, Handle> {
  worker: Handle | undefined;
  isReady: boolean;
  turn: Active<Job, Result, Handle> | undefined;
  idle: NodeJS.Timeout | undefined;
  /** Who waits until it has nothing to do. */
  rested: PromiseWithResolvers<void> | undefined;
}

const closing = (): HydrogenError => new HydrogenError('unavailable', 'The server is shutting down.');

export function createPool<Job, Reply, Result, Handle extends WorkerHandle<Reply> = WorkerHandle<Reply>>(
  program: PoolProgram<Job, Reply, Result, Handle>,
): Pool<Job, Result> {
  type PoolSlot = Slot<Job, Result, Handle>;
  const { size = 1, idleMs, graceMs, notice } = program;
  const waiting: Waiting<Job, Result>[] = [];
  const slots = Array.from(
    { length: size },
    (): PoolSlot => ({
      worker: undefined,
      isReady: false,
      turn: undefined,
      idle: undefined,
      rested: undefined,
    }),
  );
  /** Workers that end: they may have files open still. */
  const leaving = new Set<Promise<void>>();
  let isPaused = false;
  let isClosed = false;

  /** From now on nothing is heard of the slot's worker. */
  function take(slot: PoolSlot): Handle | undefined {
    const { worker } = slot;
    slot.worker = undefined;
    slot.isReady = false;
    clearTimeout(slot.idle);
    return worker;
  }

  async function untilGone(gone: Promise<void>): Promise<void> {
    leaving.add(gone);
    await gone;
    leaving.delete(gone);
  }

  async function dismiss(slot: PoolSlot): Promise<void> {
    const worker = take(slot);
    if (worker) await untilGone(retire(worker, graceMs));
  }

  function kill(slot: PoolSlot): void {
    const worker = take(slot);
    if (!worker) return;
    worker.ref();
    worker.kill();
    void untilGone(worker.gone);
  }

  function rest(slot: PoolSlot, isLast: boolean): void {
    slot.turn = undefined;
    if (isLast) void dismiss(slot);
    else if (slot.worker) {
      slot.worker.unref();
      slot.idle = setTimeout(() => void dismiss(slot), idleMs).unref();
    }
    slot.rested?.resolve();
    slot.rested = undefined;
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
      take(slot);
      if (turn) program.lost(turn, end, isReady);
    });
    return worker;
  }

  function begin(slot: PoolSlot, { job, call, late, resolve, reject }: Waiting<Job, Result>): void {
    let clock: NodeJS.Timeout | undefined;
    let isLast = false;
    const finish = (answer: () => void): void => {
      if (slot.turn !== turn) return;
      clearTimeout(clock);
      forget();
      rest(slot, isLast);
      answer();
    };
    const after = (ms: number, then: () => void): void => {
      if (slot.turn !== turn) return;
      clearTimeout(clock);
      clock = setTimeout(then, ms);
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
        notice.tell(turn.worker);
        after(notice.ms, () => abandon(error));
      },
    };
    slot.turn = turn;
    // A worker that is told of cancellations notices by itself that it is late.
    const over = (error: HydrogenError): void => (call.signal.aborted ? turn.stop(error) : abandon(error));
    const forget = onCallEnd(call, over, { ...(late && { late }), graceMs: notice?.ms ?? 0 });
    turn.worker.ref();
    program.begin(turn);
    if (slot.isReady) program.computes?.(turn);
  }

  /** What starting a worker throws, or telling it what to do, is the answer of the job. */
  function beginOrTell(slot: PoolSlot, entry: Waiting<Job, Result>): void {
    try {
      begin(slot, entry);
    } catch (error) {
      entry.reject(error);
      if (slot.turn) slot.turn.reject(error);
      else queueMicrotask(serve);
    }
  }

  /** The first job whose call goes on still; those before it are answered. */
  function next(): Waiting<Job, Result> | undefined {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      entry.forget();
      const over = callEnd(entry.call, entry.late);
      if (!over) return entry;
      entry.reject(over);
    }
    return undefined;
  }

  /** A second worker is started for what waits only once the first is up: it may be done by then. */
  function serve(): void {
    if (isPaused) return;
    for (const slot of slots) {
      if (slot.turn) continue;
      if (!slot.worker && slots.some((other) => other.worker && !other.isReady)) continue;
      const entry = next();
      if (!entry) return;
      beginOrTell(slot, entry);
    }
  }

  async function settle(slot: PoolSlot): Promise<void> {
    if (slot.turn) {
      slot.rested ??= Promise.withResolvers();
      await slot.rested.promise;
    }
    await dismiss(slot);
  }

  async function settleAll(): Promise<void> {
    await Promise.all(slots.map(settle));
    await Promise.all(leaving);
  }

  return {
    run: (job, call, late) =>
      new Promise((resolve, reject) => {
        const over = isClosed ? closing() : callEnd(call, late);
        if (over) return reject(over);
        const entry: Waiting<Job, Result> = { job, call, late, resolve, reject, forget() {} };
        waiting.push(entry);
        serve();
        if (!waiting.includes(entry)) return;
        const leave = (error: HydrogenError): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(error);
        };
        entry.forget = onCallEnd(call, leave, late && { late });
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
      for (const { forget, reject } of waiting.splice(0)) {
        forget();
        reject(closing());
      }
      const stop = (): void => {
        for (const { turn } of slots) turn?.stop(closing());
      };
      const impatient = patienceMs > 0 ? setTimeout(stop, patienceMs) : undefined;
      if (!impatient) stop();
      await settleAll();
      clearTimeout(impatient);
    },
  };
}
