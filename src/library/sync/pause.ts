import { setTimeout } from 'node:timers/promises';

/** Ends early, without an error, with the signal. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { ref: false, signal }).catch(() => {});
