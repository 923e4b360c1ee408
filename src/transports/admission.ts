/** Lets large messages in one after another, so that those under way take a bounded share of the memory. */
export interface Admission {
  /** What gives the room back that a message of so many bytes takes now; undefined where there is none. */
  enterNow(bytes: number): (() => void) | undefined;
  /** As `enterNow`, once there is room; undefined when there was none in time. */
  enter(bytes: number, waitMs: number): Promise<(() => void) | undefined>;
}

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

  function take(bytes: number): () => void {
    let isIn = true;
    taken += bytes;
    return () => {
      if (!isIn) return;
      isIn = false;
      taken -= bytes;
      admitNext();
    };
  }

  function admitNext(): void {
    for (let next = waiting[0]; next && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      next.admit();
    }
  }

  function enterNow(bytes: number): (() => void) | undefined {
    if (bytes <= smallBytes) return nothing;
    return waiting.length === 0 && fits(bytes) ? take(bytes) : undefined;
  }

  return {
    enterNow,
    enter(bytes, waitMs) {
      const leave = enterNow(bytes);
      if (leave) return Promise.resolve(leave);
      return new Promise((resolve) => {
        const entry: Waiting = {
          bytes,
          admit() {
            clearTimeout(timer);
            resolve(take(bytes));
          },
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(undefined);
          // It may have stood before smaller ones.
          admitNext();
        }, waitMs);
        waiting.push(entry);
      });
    },
  };
}
