import type { Session } from '../engine/session.ts';

export const positionHandlers = {
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
