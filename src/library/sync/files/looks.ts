import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

// A look at a path on a disk that is away may take forever, and holds one of the process's few threads for files all the
// while: with all of them held, nothing that reads a file would go on.

/** How long a look is waited for, ms. */
const lookMs = 1_000;
/** Looks at the same time; of four threads. */
const maxLooking = 2;

/** What is at a path. */
export interface Sight {
  readonly stat?: BigIntStats;
  /** Where it leads to. */
  readonly real?: string;
  /** Why there is nothing to see. */
  readonly code?: string;
  /** There is a link that leads to nothing. */
  readonly isLink?: boolean;
}

/** No answer in time: `late`, or its turn did not come, so nothing is known: `unlooked`. */
type NoSight = 'late' | 'unlooked';

export type LookAt = (path: string, waitMs?: number) => Promise<Sight | NoSight>;

async function look(path: string): Promise<Sight> {
  let stat: BigIntStats | undefined;
  try {
    stat = await lstat(path, { bigint: true });
    return { stat, real: await realpath(path) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return { code, ...(stat?.isSymbolicLink() && { isLink: true }) };
  }
}

/** Looks at paths, at each one once at a time: while a look does not come back, no other is begun. */
export function createLooks(lookNow: (path: string) => Promise<Sight>): LookAt {
  const pending = new Map<string, Promise<Sight>>();
  const begun = new Set<string>();
  const queue: (() => void)[] = [];

  async function inTurn(path: string): Promise<Sight> {
    while (begun.size >= maxLooking) await new Promise<void>((resolve) => queue.push(resolve));
    begun.add(path);
    try {
      return await lookNow(path);
    } finally {
      begun.delete(path);
      queue.shift()?.();
    }
  }

  return async (path, waitMs = lookMs) => {
    let looking = pending.get(path);
    if (!looking) {
      looking = inTurn(path).finally(() => pending.delete(path));
      pending.set(path, looking);
    }
    const waited = new AbortController();
    const late = delay(waitMs, undefined, { ref: false, signal: waited.signal }).then(
      (): NoSight => (begun.has(path) ? 'late' : 'unlooked'),
      (): NoSight => 'unlooked',
    );
    try {
      return await Promise.race([looking, late]);
    } finally {
      waited.abort();
    }
  };
}

/** For the whole process, as the threads are. */
export const lookAt = createLooks(look);
