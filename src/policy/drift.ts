import { HydrogenError } from '../errors.ts';

/** The refusal of a change that was agreed to for a different state: the person may be asked again. */
export const drifted = (): HydrogenError =>
  new HydrogenError(
    'conflict',
    'Nothing was changed: the data is no longer as it was when the change was agreed to.',
    { reason: 'drifted' },
  );

/** Whether a change was refused for that reason: other conflicts, such as a unique index, would only recur. */
export const isDrifted = (error: unknown): boolean =>
  error instanceof HydrogenError && error.reason === 'drifted';

/** @throws HydrogenError `conflict` when a change was agreed to for a different state */
export function assertState(state: string, { state: agreed }: { readonly state?: string }): void {
  if (agreed !== undefined && agreed !== state) throw drifted();
}
