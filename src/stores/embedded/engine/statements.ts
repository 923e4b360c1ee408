import type { StatementSync } from 'node:sqlite';
import type { Session } from './session.ts';

/**
 * A cached prepared statement of this thread. Only for `run`, `get` and `all`: two iterations of one statement would
 * interfere with each other.
 */
export function statement({ db, memory }: Session, sql: string): StatementSync {
  const key = `statement ${sql}`;
  const known = memory.get(key);
  if (known) return known as StatementSync;
  const prepared = db.prepare(sql);
  memory.set(key, prepared);
  return prepared;
}
