import { setTimeout as delay } from 'node:timers/promises';
import type { Call, Operation } from './call.ts';
import { HydrogenError } from './errors.ts';

/** Client calls in progress. When the server shuts down, each of them still gets an answer. */
export interface Calls {
  /**
   * Runs the work of a call.
   * @throws HydrogenError `unavailable` if the server shuts down first, and whatever the work throws
   */
  run<T>(operation: Operation, call: Call, work: (call: Call) => Promise<T>): Promise<T>;
  /** Ends all calls, and refuses new ones. Resolves when each has been answered. */
  end(): Promise<void>;
}

interface Open {
  readonly stop: () => void;
  /** Answers the call without waiting for its work, which has not noticed that it was stopped. */
  readonly abandon: () => void;
  readonly done: Promise<unknown>;
}

/** How long work may take to notice that it was stopped, ms: replacing a store thread takes 300. */
const noticeMs = 400;

const stopped = 'The server is shutting down and stopped this call.';
const advice = {
  read: 'Call again when it is back.',
  change: 'The change may have been made in part: check before calling again.',
};

function endingError(operation: Operation): HydrogenError {
  return new HydrogenError(
    'unavailable',
    `${stopped} ${operation === 'read' ? advice.read : advice.change}`,
    { reason: 'server_ends' },
  );
}

/** Whether a call is over because the server is shutting down. */
export function endsWithServer({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof HydrogenError && reason.reason === 'server_ends';
}

export function createCalls(): Calls {
  const open = new Set<Open>();
  let isEnding = false;

  async function run<T>(operation: Operation, call: Call, work: (call: Call) => Promise<T>): Promise<T> {
    if (isEnding) throw endingError(operation);
    // Not AbortSignal.any: if the call's signal lives as long as the process, every call would leak a little into it.
    const control = new AbortController();
    const cancel = (): void => control.abort(call.signal.reason);
    call.signal.addEventListener('abort', cancel, { once: true });
    if (call.signal.aborted) cancel();
    const over = Promise.withResolvers<never>();
    over.promise.catch(() => {});
    const working = work({ ...call, signal: control.signal });
    const entry: Open = {
      stop: () => control.abort(endingError(operation)),
      abandon: () => over.reject(endingError(operation)),
      done: working.catch(() => {}),
    };
    open.add(entry);
    try {
      return await Promise.race([working, over.promise]);
    } catch (error) {
      throw endsWithServer(control.signal) ? control.signal.reason : error;
    } finally {
      open.delete(entry);
      call.signal.removeEventListener('abort', cancel);
    }
  }

  return {
    run,
    async end() {
      isEnding = true;
      const ending = [...open];
      for (const { stop } of ending) stop();
      const noticed = Promise.all(ending.map(({ done }) => done));
      await Promise.race([noticed, delay(noticeMs, undefined, { ref: false })]);
      for (const { abandon } of open) abandon();
    },
  };
}
