import type { Session } from './session.ts';

/** Sizes in bytes. */
export interface FileStatistics {
  readonly bytes: number;
  readonly freeBytes: number;
  readonly format: number;
}

function pragma(
  { db }: Session,
  name: 'page_count' | 'page_size' | 'freelist_count' | 'user_version',
): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

export const maintenanceOperations = {
  'file.statistics': (session: Session, _args: null): FileStatistics => {
    const pageSize = pragma(session, 'page_size');
    return {
      bytes: pragma(session, 'page_count') * pageSize,
      freeBytes: pragma(session, 'freelist_count') * pageSize,
      format: pragma(session, 'user_version'),
    };
  },
};
