/** What a part of the gate found. */
export interface Outcome {
  /** Keeps anything from landing. */
  readonly failures: readonly string[];
  /** Is said, and keeps nothing from landing. */
  readonly warnings: readonly string[];
  /** Why the part could not be done here. */
  readonly skipped?: string;
  /** What was looked at, in one line. */
  readonly summary: string;
}

export const skippedBecause = (skipped: string): Outcome => ({
  failures: [],
  warnings: [],
  skipped,
  summary: '',
});
