import { hasExited } from '../../../process-identity.ts';
import type { Session } from '../engine/session.ts';

/** A lease that its owner does not renew expires after this time, in ms. */
const leaseMs = 30_000;

/** Whether the owner of a lease may still be working. */
function isHeld({ lease_owner: owner, lease_until: until }: Record<string, unknown>): boolean {
  return owner !== null && Number(until) >= Date.now() && !hasExited(String(owner));
}

/** Handlers of `BackfillLease`. */
export const leaseHandlers = {
  claim({ db }: Session, owner: string): boolean {
    const row = db.prepare('SELECT lease_owner, lease_until FROM index_state').get();
    if (row && row['lease_owner'] !== owner && isHeld(row)) return false;
    // Earlier versions find the process of a lease by these two: without them they wait until it expires.
    db.prepare(
      'UPDATE index_state SET lease_owner = ?, lease_pid = NULL, lease_host = NULL, lease_until = ?',
    ).run(owner, Date.now() + leaseMs);
    return true;
  },

  release({ db }: Session, owner: string): void {
    db.prepare('UPDATE index_state SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?').run(owner);
  },
};
