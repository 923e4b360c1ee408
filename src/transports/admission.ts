/** Admits large messages one after another, so that those in progress take a bounded amount of memory. */
export interface Admission {
  /** Reserves room for a message of that size; undefined when there is none right now. */
  tryEnter(bytes: number): Release | undefined;
  /** Waits for room; undefined when there was none in time, or before `signal` was aborted. */
  enter(bytes: number, waitMs: number, signal?: AbortSignal): Promise<Release | undefined>;
}

/** Releases the reserved room: all of it, or what exceeds `bytes`, the message's actual size. */
export type Release = (bytes?: number) => void;

/** Messages up to this size are always admitted. */
export const maxSmallBytes = 16 * 1024;
const nothing = (): void => {};

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** @param capacityBytes total size of the large messages in progress; a larger one is admitted alone */
export function createAdmission(capacityBytes: number): Admission {
  let taken = 0;
  const waiting: Waiting[] = [];

  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= capacityBytes;

  function take(bytes: number): Release {
    let held = bytes;
    taken += bytes;
    return (actualBytes = 0) => {
      const retained = actualBytes <= maxSmallBytes ? 0 : actualBytes;
      if (retained >= held) return;
      taken -= held - retained;
      held = retained;
      admitNext();
    };
  }

  function admitNext(): void {
    for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      next.admit();
    }
  }

  function tryEnter(bytes: number): Release | undefined {
    if (bytes <= maxSmallBytes) return nothing;
    return waiting.length === 0 && fits(bytes) ? take(bytes) : undefined;
  }

  return {
    tryEnter,
    enter(bytes, waitMs, signal) {
      const release = tryEnter(bytes);
      if (release) return Promise.resolve(release);
      return new Promise((resolve) => {
        const entry: Waiting = {
          bytes,
          admit() {
            clearTimeout(timer);
            signal?.removeEventListener('abort', giveUp);
            resolve(take(bytes));
          },
        };
        const giveUp = (): void => {
          clearTimeout(timer);
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(undefined);
          // Smaller ones may have been queued behind it.
          admitNext();
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', giveUp);
          giveUp();
        }, waitMs);
        signal?.addEventListener('abort', giveUp, { once: true });
        waiting.push(entry);
      });
    },
  };
}
