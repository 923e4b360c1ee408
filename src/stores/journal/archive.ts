import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import type { NewRun, RunRecord, StepRecord, StepResult } from './types.ts';

/** A step with its last result. */
export interface ArchivedStep extends StepRecord {
  readonly result?: StepResult;
}

/** A run that has ended, with all that the journal keeps of it. */
export interface ArchivedRun extends Pick<NewRun, 'definition' | 'sha256' | 'idempotencyKey'> {
  readonly run: RunRecord;
  /** In the order in which they first began. */
  readonly steps: readonly ArchivedStep[];
}

/** What takes runs out of one journal and into another, as they are. */
export interface JournalArchive {
  /** The ids of runs that have ended, in order, after `after`. */
  ended(after: string | undefined, limit: number, call: Call): Promise<readonly string[]>;
  read(id: string, call: Call): Promise<ArchivedRun | undefined>;
  /**
   * Writes a run with its steps, in place of one with the same id.
   * @throws HydrogenError `conflict` when another run has its caller and idempotency key
   */
  write(archived: ArchivedRun, call: Call): Promise<void>;
}

/** The size of the steps' results, as the journals count it. */
export const stepBytesOf = (steps: readonly ArchivedStep[]): number =>
  steps.reduce((sum, { result }) => sum + (result?.output.length ?? 0) + (result?.context?.length ?? 0), 0);

export const sameKey = (id: string): HydrogenError =>
  new HydrogenError(
    'conflict',
    `Run ${id} cannot be copied: where it would go, its caller has another run with the same idempotency key.`,
  );
