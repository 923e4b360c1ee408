import type { Session } from '../engine/operation.ts';

/** One row a followed collection: its source's name, and how far its changes have been read. */
export const positionsTable = `
CREATE TABLE index_positions (
  source TEXT PRIMARY KEY,
  position TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const positionOperations = {
  'positions.read': ({ db }: Session, source: string): string | undefined => {
    const row = db.prepare('SELECT position FROM index_positions WHERE source = ?').get(source);
    return row && String(row['position']);
  },

  'positions.save': (
    { db }: Session,
    { source, position }: { readonly source: string; readonly position: string },
  ): null => {
    db.prepare(
      'INSERT INTO index_positions (source, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position',
    ).run(source, position);
    return null;
  },
};
