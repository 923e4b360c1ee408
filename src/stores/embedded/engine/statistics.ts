import type { FileStatistics } from '../../store-status.ts';
import { defineOperations } from './operations.ts';
import { scrub } from './scrub.ts';
import type { Session } from './session.ts';
import { snapshot } from './snapshot.ts';

function pragma(
  { db }: Session,
  name: 'page_count' | 'page_size' | 'freelist_count' | 'user_version',
): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function statistics(session: Session): FileStatistics {
  const pageSize = pragma(session, 'page_size');
  return {
    bytes: pragma(session, 'page_count') * pageSize,
    freeBytes: pragma(session, 'freelist_count') * pageSize,
    format: pragma(session, 'user_version'),
    hasLog: session.db.prepare('PRAGMA journal_mode').get()?.['journal_mode'] === 'wal',
  };
}

/** Operations for every store file, whatever its content. */
export const fileHandlers = { statistics, snapshot, scrub };
export const fileOperations = defineOperations<typeof fileHandlers>('file', {
  statistics: 'light',
  snapshot: 'read',
  scrub: 'read',
});
