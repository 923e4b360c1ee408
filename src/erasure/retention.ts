import { setTimeout as delay } from 'node:timers/promises';
import { systemCall } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import type { Journal } from '../stores/journal/types.ts';
import type { ErasureParts } from './erase.ts';

/** How long things are kept, ms; absent for what is kept for good. */
export interface Keep {
  /** After a run has ended. */
  readonly runsMs?: number | undefined;
  readonly auditTextMs?: number | undefined;
}

interface RetentionParts extends Pick<ErasureParts, 'audit' | 'scrub'> {
  readonly journal: Pick<Journal, 'erase'>;
  readonly exports: { removeExpired(): Promise<void> };
  readonly keep: Keep;
  readonly log: Logger;
  /** How long after the start it looks for the first time, and how long after that again, ms. */
  readonly firstMs?: number;
  readonly everyMs?: number;
}

/** Removes what was kept long enough, from time to time. */
export interface Retention {
  start(): void;
  /** Resolves when it has stopped, after what is being erased at this moment. */
  close(): Promise<void>;
}

const [usualFirstMs, usualEveryMs] = [60_000, 15 * 60_000];
/** Looks of several nodes that were started together do not stay together. */
const spread = (ms: number): number => ms * (0.9 + 0.2 * Math.random());
/** Between two portions, so that others get their turn, ms. */
const pauseMs = 50;
/** How long one use of a store may take, ms. */
const limitMs = 60_000;
const textsAtOnce = 500;

export function createRetention({
  firstMs = usualFirstMs,
  everyMs = usualEveryMs,
  ...parts
}: RetentionParts): Retention {
  const { journal, audit, exports, keep, log } = parts;
  const closing = new AbortController();
  const own = () => systemCall(log, { signal: closing.signal, limitMs });
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  /** What was erased may still lie in the log of the store file, also after a look that failed or came too early. */
  let isLeftInFile = false;

  /** Erases in portions, until there is nothing left or the server ends. */
  async function until(what: string, portion: () => Promise<number>): Promise<void> {
    let sum = 0;
    try {
      while (!closing.signal.aborted) {
        const erased = await portion();
        if (erased === 0) break;
        sum += erased;
        isLeftInFile = true;
        await delay(pauseMs);
      }
    } finally {
      if (sum > 0) log.info({ [what]: sum }, 'what was kept as long as the settings say was erased');
    }
  }

  async function eraseRuns(): Promise<void> {
    const { runsMs } = keep;
    if (runsMs === undefined) return;
    // All that are old enough are chosen, and the oldest come first: there is nothing to skip.
    await until('runs', async () => {
      const { ids } = await journal.erase({ before: Date.now() - runsMs }, undefined, own());
      return ids.length;
    });
  }

  async function eraseAuditTexts(): Promise<void> {
    const { auditTextMs } = keep;
    if (auditTextMs === undefined) return;
    await until('auditTexts', async () => {
      const old = await audit.oldTexts(Date.now() - auditTextMs, textsAtOnce, own());
      return old.length === 0 ? 0 : audit.eraseTexts(old, own());
    });
  }

  async function scrub(): Promise<void> {
    if (!isLeftInFile || closing.signal.aborted) return;
    isLeftInFile = (await parts.scrub?.(false, own())) === false;
  }

  async function look(): Promise<void> {
    // One that fails keeps no other from being done; the next look tries again.
    for (const work of [eraseRuns, eraseAuditTexts, scrub, () => exports.removeExpired()]) {
      await work().catch((err: unknown) => {
        if (!closing.signal.aborted) log.warn({ err }, 'what was kept long enough could not be erased');
      });
    }
  }

  function lookIn(ms: number): void {
    timer = setTimeout(() => {
      looking = look().finally(() => {
        looking = undefined;
        if (!closing.signal.aborted) lookIn(spread(everyMs));
      });
    }, ms).unref();
  }

  return {
    start: () => lookIn(spread(firstMs)),
    async close() {
      closing.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}
