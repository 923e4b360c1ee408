import type { DatabaseSync } from 'node:sqlite';
import type { Session } from '../../engine/session.ts';

/** The session that each connection works for now. */
const working = new WeakMap<DatabaseSync, { session: Session }>();

/** Makes `ticking` work for this session. To be called before a statement that has it is run. */
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
 * SQL that is always true and stops the statement once the call is cancelled or late. It looks at one of 64
 * rows: those whose numbers are such, by a multiplicative hash, since two collections may share all numbers
 * of one pattern between them.
 */
export const ticking = '((id * 40503 >> 8 & 63) <> 0 OR hydrogen_tick() = 1)';
