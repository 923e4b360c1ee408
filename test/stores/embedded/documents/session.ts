import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { migrate } from '../../../../src/stores/embedded/engine/migrate.ts';
import type { Session } from '../../../../src/stores/embedded/engine/session.ts';
import { migrations } from '../../../../src/stores/embedded/migrations.ts';

/** A store in memory, and a session of an operation on it: each operation has one of its own. */
export function memoryStore(): { db: DatabaseSync; session(): Session } {
  const db = new DatabaseSync(':memory:');
  onTestFinished(() => db.close());
  migrate(db, migrations);
  const memory = new Map<string, unknown>();
  return { db, session: () => ({ db, memory, tick() {}, progress() {} }) };
}

/** One operation as the write lane runs it: all or nothing. */
export function transaction<T>(session: Session, work: (session: Session) => T): T {
  session.db.exec('BEGIN');
  try {
    const result = work(session);
    session.db.exec('COMMIT');
    return result;
  } catch (error) {
    session.db.exec('ROLLBACK');
    throw error;
  }
}
