/**
 * Admits large messages one after another, so that those in progress take a bounded amount of memory. Those who send them
 * take turns, so that nobody waits for all that another one has sent.
 */
export interface Admission {
  /** Reserves room for a message of that size; undefined when there is none right now. */
  tryEnter(bytes: number): Release | undefined;
  /** Waits for room; undefined when there was none in time, or before the signal was aborted. */
  enter(bytes: number, waitMs: number, sender?: Sender): Promise<Release | undefined>;
}

interface Sender {
  /** Whoever takes turns with others; all without a name are one. */
  readonly who?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Releases the reserved room: all of it, or what exceeds `bytes`, the message's actual size. */
export type Release = (bytes?: number) => void;

/** Messages up to this size are always admitted. */
export const maxSmallBytes = 16 * 1024;
const nothing = (): void => {};

interface Waiting {
  readonly who: string;
  readonly bytes: number;
  readonly admit: () => void;
}

/** @param capacityBytes total size of the large messages in progress; a larger one is admitted alone */
export function createAdmission(capacityBytes: number): Admission {
  let taken = 0;
  /** In the order in which they came. */
  const waiting: Waiting[] = [];
  /** Those who still wait and had a turn, the longest ago first; whoever is not among them comes before them. */
  let served: readonly string[] = [];

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

  /** The first of whoever has waited longest for a turn. */
  function nextInTurn(): Waiting | undefined {
    const turnOf = ({ who }: Waiting): number => served.indexOf(who);
    let next = waiting[0];
    for (const entry of waiting) if (next && turnOf(entry) < turnOf(next)) next = entry;
    return next;
  }

  function admitNext(): void {
    for (let next = nextInTurn(); next && fits(next.bytes); next = nextInTurn()) {
      const { who } = next;
      waiting.splice(waiting.indexOf(next), 1);
      // Whoever does not wait has no turn to be remembered.
      const others = served.filter((one) => one !== who && waiting.some((entry) => entry.who === one));
      served = [...others, who];
      next.admit();
    }
  }

  function tryEnter(bytes: number): Release | undefined {
    if (bytes <= maxSmallBytes) return nothing;
    return waiting.length === 0 && fits(bytes) ? take(bytes) : undefined;
  }

  return {
    tryEnter,
    enter(bytes, waitMs, { who = '', signal } = {}) {
      const release = tryEnter(bytes);
      if (release) return Promise.resolve(release);
      return new Promise((resolve) => {
        const entry: Waiting = {
          who,
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
