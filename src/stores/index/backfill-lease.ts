import type { Call } from '../../call.ts';

/**
 * The right to make vectors, so that two processes do not make the same ones. It needs a store that compares and sets
 * atomically, which need not be that of the vectors: nothing that `Backfill` promises depends on it.
 */
export interface BackfillLease {
  /**
   * Takes or renews the right, for at least half a minute; false while another has it.
   * @param owner names a process and its piece of work (`ownerName`); if the owner's process has certainly ended, the
   * right may be taken at once
   */
  claim(owner: string, call: Call): Promise<boolean>;
  /** Gives the right back; does nothing when another has it. */
  release(owner: string, call: Call): Promise<void>;
}
