import type { DatabaseSync } from 'node:sqlite';
import type { Session } from '../../engine/session.ts';

/** The session that each connection currently works for. */
const working = new WeakMap<DatabaseSync, { session: Session }>();

/** Makes `ticking` work for this session. Must be called before running a statement that contains it. */
export function enableTicks(session: Session): void {
  const known = working.get(session.db);
  if (known !== undefined) {
    known.session = session;
    return;
  }
  const current = { session };
  working.set(session.db, current);
  session.db.function('hydrogen_tick', () => {
    current.session.tick();
    return 1;
  });
}

/**
 * SQL that is always true and stops the statement once the call is cancelled or late. It checks on one in 64 rows,
 * chosen by a multiplicative hash of their numbers, since with a plain pattern all matching numbers might belong to
 * another collection.
 */
export const ticking = '((id * 40503 >> 8 & 63) <> 0 OR hydrogen_tick() = 1)';
