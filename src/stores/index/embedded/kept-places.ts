import type { DatabaseSync } from 'node:sqlite';
import type { Session } from '../../sqlite/operation.ts';
import type { KeptPlace } from '../types.ts';

const placesTable = `
CREATE TABLE index_places (
  path TEXT PRIMARY KEY,
  place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Format 6. Until then, all of a source's folder was meant. */
export function addPlaces(db: DatabaseSync): void {
  db.exec(placesTable);
  db.exec(
    `INSERT INTO index_places (path, place) SELECT root, json_object('path', root, 'kind', 'folder')
      FROM index_sources WHERE root NOT LIKE 'collection:%'`,
  );
}

export const keptPlaceOperations = {
  'index.places': ({ db }: Session, _args: null): KeptPlace[] =>
    db
      .prepare('SELECT place FROM index_places ORDER BY path')
      .all()
      .map((row) => JSON.parse(String(row['place'])) as KeptPlace),

  'index.keepPlaces': ({ db }: Session, { places }: { places: readonly KeptPlace[] }): null => {
    const keep = db.prepare(
      'INSERT INTO index_places (path, place) VALUES (?, ?) ON CONFLICT DO UPDATE SET place = excluded.place',
    );
    for (const place of places) keep.run(place.path, JSON.stringify(place));
    return null;
  },

  'index.leavePlaces': ({ db }: Session, { paths }: { paths: readonly string[] }): null => {
    const leave = db.prepare('DELETE FROM index_places WHERE path = ?');
    for (const path of paths) leave.run(path);
    return null;
  },
};
