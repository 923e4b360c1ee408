import type { Call } from '../../call.ts';
import { hasExited } from '../../process-identity.ts';
import type { ClaimedRun, Journal } from '../../stores/journal/types.ts';
import { fault } from '../faults.ts';
import type { RunSettings } from './settings.ts';

// A run whose process was killed stays `running` under its lease. Any process that shares the journal resumes it: at
// once when its owner is known to have exited, else when the lease has expired (`runner.ts` searches for such runs).
// Claiming one counts a crash, which the next journaled step resets (`stores/embedded/journal/leases.ts`). It continues
// after the last journaled step, whose result is not computed again (`interpreter/task.ts`); the step that was
// interrupted is executed once more. A run that keeps killing its process in the same step faults.

export interface Claimable {
  readonly any: boolean;
  /** Owners that have exited: their leases count as expired. */
  readonly exited: readonly string[];
  /** No run can be executed now, nor is one executed anywhere. */
  readonly isIdle: boolean;
  /** When the first of the suspended runs can be claimed. */
  readonly wakeAt?: number;
}

/**
 * What may be claimed now: pending runs, unless they are suspended until later, and abandoned ones. Reads without a
 * lock, so that checking costs other processes nothing.
 */
export async function findClaimable(journal: Journal, call: Call): Promise<Claimable> {
  const { pending, leases, wakeAt } = await journal.unfinished(call);
  const owners = [...new Set(leases.map(({ owner }) => owner))];
  const exited = owners.filter(hasExited);
  const isAbandoned = leases.some(({ until, owner }) => until < Date.now() || exited.includes(owner));
  return {
    any: pending > 0 || isAbandoned,
    exited,
    isIdle: pending === 0 && leases.length === 0,
    ...(wakeAt !== undefined && { wakeAt }),
  };
}

/** @throws HydrogenError the fault of a run that has killed its process too often */
export function assertRecoverable({ crashes }: ClaimedRun, { maxCrashes }: RunSettings): void {
  if (crashes < maxCrashes) return;
  throw fault(
    'runtime',
    `The process running this ended ${crashes} times in the same step; it is not retried.`,
  );
}
