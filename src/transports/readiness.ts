import type { App } from '../app.ts';
import { systemCall } from '../call.ts';

/** How long an answer holds for whoever asks next, ms. */
const answerMs = 1_000;
/** Time limit of a check, ms. */
const checkMs = 5_000;

/**
 * Tells balancers whether every required part answers. Several may ask, each more often than once a second, and anybody
 * can: what is asked in the same second is looked at once.
 */
export function createReadiness({ health, log }: Pick<App, 'health' | 'log'>): () => Promise<boolean> {
  let last: { readonly answer: Promise<boolean>; at: number } | undefined;
  return () => {
    if (last && Date.now() - last.at < answerMs) return last.answer;
    const check = {
      answer: health.ready(systemCall(log, { limitMs: checkMs })),
      at: Number.POSITIVE_INFINITY,
    };
    last = check;
    // The time counts from the answer; a check that failed is no answer.
    check.answer.then(
      () => {
        check.at = Date.now();
      },
      () => {
        check.at = 0;
      },
    );
    return check.answer;
  };
}
