/** Lets large messages in one after another, so that those under way take a bounded share of the memory. */
export interface Admission {
  /** Takes room for a message of so many bytes now; undefined where there is none. */
  tryEnter(bytes: number): Release | undefined;
  /** As `tryEnter`, once there is room; undefined when there was none in time, or before `signal` was aborted. */
  enter(bytes: number, waitMs: number, signal?: AbortSignal): Promise<Release | undefined>;
}

/** Gives the room of a message back: all of it, or what it has beyond `bytes`, its real size. */
export type Release = (bytes?: number) => void;

/** Of smaller messages as many as there are connections may be under way. */
export const maxSmallBytes = 16 * 1024;
const nothing = (): void => {};

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** @param capacityBytes bytes of all large messages under way; one that is larger goes alone */
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
          // It may have stood before smaller ones.
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
