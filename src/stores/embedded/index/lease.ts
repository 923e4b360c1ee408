import type { Lease } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';

/** A lease that its process does not renew ends after this time, in ms. */
const leaseMs = 30_000;

/** Whether the process that holds a lease may still be at work on it. */
function isHeld(row: Record<string, unknown>, { host }: Lease): boolean {
  if (row['lease_owner'] === null || Number(row['lease_until']) < Date.now()) return false;
  if (row['lease_host'] !== host) return true;
  try {
    process.kill(Number(row['lease_pid']), 0);
    return true;
  } catch (error) {
    // No such process: it died with the lease. Not permitted: it lives and belongs to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Renews a lease with what its holder has written. */
export function keepLease({ db }: Session, { owner }: Lease): void {
  db.prepare('UPDATE index_state SET lease_until = ? WHERE lease_owner = ?').run(Date.now() + leaseMs, owner);
}

export const leaseHandlers = {
  claim({ db }: Session, lease: Lease): boolean {
    const row = db.prepare('SELECT lease_owner, lease_pid, lease_host, lease_until FROM index_state').get();
    if (row && row['lease_owner'] !== lease.owner && isHeld(row, lease)) return false;
    db.prepare('UPDATE index_state SET lease_owner = ?, lease_pid = ?, lease_host = ?, lease_until = ?').run(
      lease.owner,
      lease.pid,
      lease.host,
      Date.now() + leaseMs,
    );
    return true;
  },

  release({ db }: Session, lease: Lease): void {
    db.prepare('UPDATE index_state SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?').run(
      lease.owner,
    );
  },
};
