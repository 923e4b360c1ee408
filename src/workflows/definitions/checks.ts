import { type Call, systemCall } from '../../call.ts';
import { callCancelled, HydrogenError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import type { Verdicts } from '../../stores/journal/types.ts';
import { checkText } from './checker.ts';
import type { Verdict } from './messages.ts';

/** A verdict as stored. One that may be due to a busy machine is checked again after a while. */
interface StoredVerdict extends Verdict {
  readonly retry?: { readonly attempts: number; readonly at: number };
}

export interface Checks {
  /** The verdict on a text, cached under `key`. Undefined when it takes longer than `maxWaitMs`. */
  verdict(key: string, text: string, maxWaitMs: number, call: Call): Promise<Verdict | undefined>;
  /** A cached verdict that is still valid. */
  known(key: string): Verdict | undefined;
  close(): Promise<void>;
}

/** Most checks take far less. A definition that takes longer is checked again after the others, with more time. */
const quickMs = 4_000;
const longMs = 20_000;
/** How long a verdict that may be due to a busy machine is valid at first; ten times longer after each retry. */
const retryMs = 60_000;
const maxRetryMs = 24 * 3_600_000;
/** How long the journal may take to read or store a verdict. */
const storeMs = 60_000;
const maxKnown = 2_000;

function isDue({ retry }: StoredVerdict): boolean {
  return retry !== undefined && retry.at <= Date.now();
}

/** Checks each text once for all callers; a check continues even if its caller gives up. */
export function createChecks(verdicts: Verdicts): Checks {
  const known = new Map<string, StoredVerdict>();
  const pending = new Map<string, Promise<Verdict>>();
  const stopping = new AbortController();
  const { signal } = stopping;

  const background = (log: Logger): Call => systemCall(log, { signal, limitMs: storeMs });

  async function compute(text: string, attempts: number): Promise<StoredVerdict> {
    const inTime = (limitMs: number): Promise<Verdict> => checkText(text, limitMs, signal);
    try {
      return await inTime(quickMs).catch((error: unknown) => {
        if (error instanceof HydrogenError && error.code === 'timeout') return inTime(longMs);
        throw error;
      });
    } catch (error) {
      const code = error instanceof HydrogenError ? error.code : undefined;
      if (code !== 'timeout' && code !== 'too_large') throw error;
      const waitMs = Math.min(retryMs * 10 ** attempts, maxRetryMs);
      const problem =
        code === 'timeout'
          ? `checking it took longer than ${longMs / 1_000} s and was stopped; simplify it`
          : 'checking it failed or took too much memory; make it smaller or simpler';
      return { problems: [problem], calls: [], retry: { attempts: attempts + 1, at: Date.now() + waitMs } };
    }
  }

  async function find(key: string, text: string, log: Logger): Promise<StoredVerdict> {
    // A definition is checked even if the journal is unavailable.
    const stored = await verdicts.get(key, background(log)).catch(() => undefined);
    const before =
      known.get(key) ?? (stored === undefined ? undefined : (JSON.parse(stored) as StoredVerdict));
    if (before && !isDue(before)) return before;
    const verdict = await compute(text, before?.retry?.attempts ?? 0);
    // A verdict that cannot be stored is recomputed at the next start.
    await verdicts.save(key, JSON.stringify(verdict), background(log)).catch((error: unknown) => {
      log.debug({ err: error }, 'a verdict could not be stored');
    });
    return verdict;
  }

  function start(key: string, text: string, log: Logger): Promise<Verdict> {
    const begun = find(key, text, log)
      .then((verdict) => {
        known.delete(key);
        known.set(key, verdict);
        const oldest = known.size > maxKnown ? known.keys().next().value : undefined;
        if (oldest !== undefined) known.delete(oldest);
        return verdict;
      })
      .finally(() => pending.delete(key));
    begun.catch(() => {});
    pending.set(key, begun);
    return begun;
  }

  function standing(key: string): Verdict | undefined {
    const verdict = known.get(key);
    return verdict && !isDue(verdict) ? verdict : undefined;
  }

  return {
    known: standing,
    async verdict(key, text, maxWaitMs, call) {
      const found = standing(key);
      if (found) return found;
      const begun = pending.get(key) ?? start(key, text, call.log);
      call.signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const clock = Number.isFinite(maxWaitMs) ? setTimeout(() => resolve(undefined), maxWaitMs) : undefined;
      const abort = (): void => reject(callCancelled());
      call.signal.addEventListener('abort', abort, { once: true });
      try {
        return await Promise.race([begun, promise]);
      } finally {
        clearTimeout(clock);
        call.signal.removeEventListener('abort', abort);
      }
    },
    async close() {
      stopping.abort();
      await Promise.allSettled(pending.values());
    },
  };
}
