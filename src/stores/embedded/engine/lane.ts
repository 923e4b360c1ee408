import type { Call } from '../../../call.ts';
import { errorOf, HydrogenError } from '../../../errors.ts';
import { tooManyOpenFiles } from '../../../file-errors.ts';
import { threadHandle } from '../../../workers/handle.ts';
import { createPool, type Pool, type Turn } from '../../../workers/pool.ts';
import { type FromThread, filesMoved, heavyMessage, type Request } from './messages.ts';
import { type StoreThread, startStoreThread } from './start-store-thread.ts';

interface Job {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly call: Call;
  readonly isUrgent: boolean;
}

export interface LaneQueue extends Pick<Pool<Job, unknown>, 'pause' | 'resume'> {
  /**
   * Throws `filesMoved` when the job was not done because its thread has a different file open than the one at the
   * path.
   * @param isUrgent it is done before all that waits
   */
  run(name: string, args: readonly unknown[], call: Call, isUrgent?: boolean): Promise<unknown>;
  /** Gives running jobs a moment to finish, then cancels them. */
  close(): Promise<void>;
}

/** How long a job may take to notice its cancellation before its thread is terminated, in ms. */
const noticeMs = 300;
/** How long a thread may take to close its connection, in ms. */
const graceMs = 3_000;
/** How long a running job may continue when its lane is closed before it is cancelled, in ms. */
const closeMs = 300;
/**
 * Interval between checks of a thread, in ms; it is terminated when this many in a row find it inside the same match.
 */
const checkIntervalMs = 100;
const maxChecks = 3;

/** The error for a job whose thread was inside one match for too long. */
const endlessMatch = (): HydrogenError =>
  new HydrogenError(
    'timeout',
    'A regular expression took too long on a single text and was stopped: it can match in too many ways. Do not repeat a repetition, as in (a+)+ or (a|ab)*, do not put many .* in a row, and begin with ^ where that is meant.',
  );

function startWorker(thread: StoreThread) {
  const { worker, shared } = startStoreThread(thread);
  return { ...threadHandle<FromThread>(worker), shared };
}

type LaneTurn = Turn<Job, unknown, ReturnType<typeof startWorker>>;

/** Terminates the thread when it stays inside one match of a regular expression. */
function watch(turn: LaneTurn): void {
  let last = 0;
  let checks = 0;
  const check = (): void => {
    const now = Atomics.load(turn.worker.shared, 1);
    checks = now !== 0 && now === last ? checks + 1 : 0;
    last = now;
    if (checks < maxChecks) turn.after(checkIntervalMs, check);
    else turn.abandon(endlessMatch());
  };
  turn.after(checkIntervalMs, check);
}

function receive(reply: FromThread, turn: LaneTurn): void {
  if (reply === heavyMessage) turn.makeLast();
  else if ('progress' in reply) turn.job.call.progress(reply.progress);
  else if ('result' in reply) turn.resolve(reply.result);
  else if ('moved' in reply) turn.reject(filesMoved);
  else {
    const { stack, ...parts } = reply.error;
    turn.reject(errorOf(parts, stack));
  }
}

/**
 * A queue served by up to `size` threads of one lane, which end after `idleMs` without work. A job learns of the
 * cancellation of its call through shared memory.
 */
export function createLane(thread: StoreThread, size: number, idleMs: number): LaneQueue {
  const pool = createPool({
    start: () => startWorker(thread),
    size,
    idleMs,
    graceMs,
    isUrgent: ({ isUrgent }) => isUrgent,
    notice: { ms: noticeMs, notify: ({ shared }) => void Atomics.store(shared, 0, 1) },
    begin(turn: LaneTurn) {
      const { job, worker } = turn;
      // The previous job may have been cancelled just as it ended.
      for (const place of worker.shared.keys()) Atomics.store(worker.shared, place, 0);
      watch(turn);
      const { name, args, call } = job;
      worker.post({ name, args, deadline: call.deadline } satisfies Request);
    },
    receive,
    lost: (turn, { cause }) =>
      turn.reject(
        new HydrogenError(
          'unavailable',
          tooManyOpenFiles(cause) ??
            'The embedded store could not be opened or stopped unexpectedly; the log (stderr) has the details. Try again.',
          { cause },
        ),
      ),
  });
  return {
    run: (name, args, call, isUrgent = false) => pool.run({ name, args, call, isUrgent }, call),
    pause: pool.pause,
    resume: pool.resume,
    close: () => pool.close(closeMs),
  };
}
