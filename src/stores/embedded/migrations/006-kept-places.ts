import type { DatabaseSync } from 'node:sqlite';

/** Format 6: the folders and files that were asked for. Until then, all of a source's folder was meant. */
export function addKeptPlaces(db: DatabaseSync): void {
  db.exec(`
CREATE TABLE index_places (
  path TEXT PRIMARY KEY,
  place TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`);
  db.exec(
    `INSERT INTO index_places (path, place) SELECT root, json_object('path', root, 'kind', 'folder')
      FROM index_sources WHERE root NOT LIKE 'collection:%'`,
  );
}
