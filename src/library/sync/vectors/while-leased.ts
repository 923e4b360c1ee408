import { type Call, systemCall } from '../../../call.ts';
import type { BackfillLease } from '../../../stores/index/types.ts';

/** A third of the time that a lease lasts at least: it survives a batch of vectors that takes the other two. */
const renewAfterMs = 10_000;
/** How long releasing the lease may wait for the write lock, in ms; otherwise it expires. */
const releaseMs = 2_000;

/**
 * Does work that a lease has just been claimed for, and releases it afterwards.
 * @param work is given what keeps the lease, to be called before each batch: false when another process has it by now,
 * as after a long sleep
 */
export async function whileLeased<T>(
  lease: BackfillLease,
  owner: string,
  call: Call,
  work: (keep: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  let claimedAt = Date.now();
  const keep = async (): Promise<boolean> => {
    const now = Date.now();
    if (now - claimedAt < renewAfterMs) return true;
    const isHeld = await lease.claim(owner, call);
    if (isHeld) claimedAt = now;
    return isHeld;
  };
  try {
    return await work(keep);
  } finally {
    // The call may be over: releasing the lease must not depend on it.
    await lease.release(owner, systemCall(call.log, { limitMs: releaseMs })).catch(() => {});
  }
}
