import type { Session } from '../engine/session.ts';

/** Handlers of `Positions`. */
export const positionHandlers = {
  read({ db }: Session, source: string): string | undefined {
    const row = db.prepare('SELECT position FROM index_positions WHERE source = ?').get(source);
    return row && String(row['position']);
  },

  save({ db }: Session, source: string, position: string): void {
    db.prepare(
      'INSERT INTO index_positions (source, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position',
    ).run(source, position);
  },
};
