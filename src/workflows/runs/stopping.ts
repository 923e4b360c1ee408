import { HydrogenError } from '../../errors.ts';
import { fault } from '../faults.ts';

/** Why a run stops before its end. */
export type StopReason = 'cancelled' | 'late' | 'lost' | 'closing';

const reasons = new WeakMap<object, StopReason>();

/** The error with which a run's signal is aborted. */
export function stopError(reason: StopReason): HydrogenError {
  const error =
    reason === 'late'
      ? fault('timeout', 'The run took longer than the timeout of its workflow and was stopped.')
      : new HydrogenError('cancelled', `The run was stopped: ${reason}.`);
  reasons.set(error, reason);
  return error;
}

export function stopReason(signal: AbortSignal): StopReason | undefined {
  const { reason } = signal;
  return signal.aborted && typeof reason === 'object' ? reasons.get(reason) : undefined;
}
