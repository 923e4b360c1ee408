import { HydrogenError } from '../errors.ts';

const message = 'Nothing was changed: what the change is about is no longer as it was when it was agreed to.';

/** Refuses a change that was agreed to for another state than there is now: it may be asked about again. */
export const drifted = (): HydrogenError => new HydrogenError('conflict', message);

/** Whether nothing was changed for that reason: other conflicts, as with a unique index, would be there again. */
export const isDrifted = (error: unknown): boolean =>
  error instanceof HydrogenError && error.code === 'conflict' && error.message === message;

/** @throws HydrogenError `conflict` when a change was agreed to for another state than there is now */
export function assertState(state: string, { state: agreed }: { readonly state?: string }): void {
  if (agreed !== undefined && agreed !== state) throw drifted();
}
