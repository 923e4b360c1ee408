/** How long a count lasts from its first use on; then it begins again. */
export type Window = 'minute' | 'hour';

/** Seconds of each window. */
export const windowSeconds: Readonly<Record<Window, number>> = { minute: 60, hour: 3_600 };

export interface Count {
  readonly used: number;
  /** Until it begins again, ms. */
  readonly endsInMs: number;
}

/** Counts what callers use, in this process or, where nodes share a server for it, on all of them. */
export interface Counters {
  /**
   * Adds to the count of that key and window; 0 only looks. It never fails: where a server that is shared does not answer,
   * this process counts alone.
   */
  add(key: string, amount: number, window: Window): Promise<Count>;
}
