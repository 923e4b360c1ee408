/** Lets large messages in one after another, so that those under way take a bounded share of the memory. */
export interface Admission {
  /** Takes room for a message of so many bytes now; undefined where there is none. */
  enterNow(bytes: number): Leave | undefined;
  /** As `enterNow`, once there is room; undefined when there was none in time, or before `signal` was aborted. */
  enter(bytes: number, waitMs: number, signal?: AbortSignal): Promise<Leave | undefined>;
}

/** Gives the room of a message back: all of it, or what it has beyond `bytes`, its real size. */
export type Leave = (bytes?: number) => void;

/** Of smaller messages as many as there are connections may be under way. */
export const smallBytes = 16 * 1024;
const nothing = (): void => {};

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** @param room bytes of all large messages under way; one that is larger goes alone */
export function createAdmission(room: number): Admission {
  let taken = 0;
  const waiting: Waiting[] = [];

  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= room;

  function take(bytes: number): Leave {
    let held = bytes;
    taken += bytes;
    return (real = 0) => {
      const kept = real <= smallBytes ? 0 : real;
      if (kept >= held) return;
      taken -= held - kept;
      held = kept;
      admitNext();
    };
  }

  function admitNext(): void {
    for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      next.admit();
    }
  }

  function enterNow(bytes: number): Leave | undefined {
    if (bytes <= smallBytes) return nothing;
    return waiting.length === 0 && fits(bytes) ? take(bytes) : undefined;
  }

  return {
    enterNow,
    enter(bytes, waitMs, signal) {
      const leave = enterNow(bytes);
      if (leave) return Promise.resolve(leave);
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
