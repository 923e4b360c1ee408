import { createHash } from 'node:crypto';
import { durationOf, milliseconds, type RetryPolicy } from '../definitions/dsl.ts';
import type { Problem } from '../definitions/problem.ts';

/** No pause between two attempts is longer, ms: as long as a run may wait. */
const maxPauseMs = 365 * 86_400_000;

/**
 * A number from 0 to 1 (exclusive), the same for the same text: a resumed run is to wait for the same time as the one that
 * was killed.
 */
function chanceOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

/**
 * The pause before a retry, ms. The DSL names the kinds of back-off and leaves their growth open: `linear` adds the delay
 * each time, `exponential` doubles it.
 * @param attempt the number of the retry, from 1
 * @param seed decides where in the range of the jitter it is
 */
export function pauseMs({ delay, backoff, jitter }: RetryPolicy, attempt: number, seed: string): number {
  const base = delay === undefined ? 0 : durationOf(delay);
  const factor = backoff?.exponential ? 2 ** (attempt - 1) : backoff?.linear ? attempt : 1;
  const [from, to] = jitter ? [durationOf(jitter.from), durationOf(jitter.to)] : [0, 0];
  const extra = from + (to - from) * chanceOf(`${seed} ${attempt}`);
  return Math.min(Math.round(base * factor + extra), maxPauseMs);
}

/** What of a policy is no duration, or no range, if anything. */
export function policyProblem(policy: RetryPolicy, place: string): Problem | undefined {
  const { delay, limit, jitter } = policy;
  const durations = {
    delay,
    'limit/attempt/duration': limit?.attempt?.duration,
    'limit/duration': limit?.duration,
    'jitter/from': jitter?.from,
    'jitter/to': jitter?.to,
  };
  for (const [at, duration] of Object.entries(durations)) {
    if (duration !== undefined && milliseconds(duration) === undefined) {
      return { place: `${place}/${at}`, reason: 'not a duration such as PT30S or { seconds: 30 }' };
    }
  }
  return jitter && durationOf(jitter.from) > durationOf(jitter.to)
    ? { place: `${place}/jitter`, reason: '"from" is longer than "to"' }
    : undefined;
}
