import { maxTimerMs } from '../../call-end.ts';

/**
 * The tasks of a run that go on side by side. One that waits does so in this process as long as another one is at work;
 * when all wait, the run is suspended, which costs nothing.
 */
export interface Strands {
  /** Replaces the current strand by so many. */
  split(count: number): void;
  /** One of them has ended, and others have not. */
  end(): void;
  /**
   * Waits until a time, in milliseconds since the epoch.
   * @returns false when all wait: the run is to be suspended
   * @throws the reason of `signal`
   */
  pause(until: number, signal: AbortSignal): Promise<boolean>;
}

export function createStrands(): Strands {
  let active = 1;
  const waiting = new Set<() => void>();

  /** Nobody is at work who could make a difference. */
  function check(): void {
    if (active === 0) for (const suspend of waiting) suspend();
  }

  return {
    split(count) {
      active += count - 1;
    },
    end() {
      active--;
      check();
    },
    pause(until, signal) {
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const leave = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          waiting.delete(suspend);
        };
        const goOn = (): void => {
          leave();
          active++;
          resolve(true);
        };
        const suspend = (): void => {
          leave();
          resolve(false);
        };
        const abort = (): void => {
          leave();
          active++;
          reject(signal.reason);
        };
        const sleep = (): void => {
          const left = until - Date.now();
          if (left <= 0) goOn();
          else timer = setTimeout(sleep, Math.min(left, maxTimerMs));
        };
        waiting.add(suspend);
        signal.addEventListener('abort', abort, { once: true });
        active--;
        sleep();
        check();
      });
    },
  };
}
