import { HydrogenError } from '../errors.ts';

/** Refuses a change that was agreed to for another state than there is now: it may be asked about again. */
export const drifted = (): HydrogenError =>
  new HydrogenError(
    'conflict',
    'Nothing was changed: the data is no longer as it was when the change was agreed to.',
    { reason: 'drifted' },
  );

/** Whether nothing was changed for that reason: other conflicts, as with a unique index, would be there again. */
export const isDrifted = (error: unknown): boolean =>
  error instanceof HydrogenError && error.reason === 'drifted';

/** @throws HydrogenError `conflict` when a change was agreed to for another state than there is now */
export function assertState(state: string, { state: agreed }: { readonly state?: string }): void {
  if (agreed !== undefined && agreed !== state) throw drifted();
}
