import { type ErrorReason, HydrogenError } from '../../errors.ts';
import { fault } from '../faults.ts';

const words = { cancelled: 'cancelled', run_taken: 'lost', server_ends: 'closing' } as const;

/** Why a run stops before its end. */
export type StopReason = Extract<ErrorReason, 'late' | keyof typeof words>;

/** The error with which a run's signal is aborted. */
export function stopError(reason: StopReason): HydrogenError {
  return reason === 'late'
    ? fault('timeout', 'The run took longer than the timeout of its workflow and was stopped.')
    : new HydrogenError('cancelled', `The run was stopped: ${words[reason]}.`, { reason });
}

function isStop(reason: ErrorReason): reason is StopReason {
  return reason === 'late' || Object.hasOwn(words, reason);
}

/** Why a run's signal was aborted; undefined while the run continues. */
export function stopReason({ aborted, reason: error }: AbortSignal): StopReason | undefined {
  const reason = aborted && error instanceof HydrogenError ? error.reason : undefined;
  return reason !== undefined && isStop(reason) ? reason : undefined;
}
