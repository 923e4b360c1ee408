import { join } from 'node:path';
import { pathsOfSource } from '../../index/paths-of-source.ts';
import type { Source, TrackedPath, TrackedState } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';

/** Stops tracking the paths in a source: those that are not in another source with a nearer root. */
export function untrackPathsOf({ db }: Session, name: string): void {
  const sources = db.prepare('SELECT name, root FROM index_sources').all() as unknown as Source[];
  const paths = db.prepare('SELECT path FROM index_places').all();
  const untrack = db.prepare('DELETE FROM index_places WHERE path = ?');
  const own = pathsOfSource(
    paths.map(({ path }) => String(path)),
    name,
    sources,
  );
  for (const path of own) untrack.run(path);
}

/** Stops tracking a document's file, if it was tracked by itself. */
export function untrackPathOf({ db }: Session, id: string): void {
  const row = db
    .prepare(
      'SELECT root, path FROM index_documents JOIN index_sources ON source = name WHERE index_documents.id = ?',
    )
    .get(id);
  if (!row) return;
  const path = join(String(row['root']), ...String(row['path']).split('/'));
  db.prepare('DELETE FROM index_places WHERE path = ?').run(path);
}

export const trackedPathHandlers = {
  untrack: untrackPathOf,

  trackedPaths: ({ db }: Session): TrackedPath[] =>
    db
      .prepare('SELECT place FROM index_places ORDER BY path')
      .all()
      .map((row) => JSON.parse(String(row['place'])) as TrackedPath),

  trackPaths({ db }: Session, places: readonly TrackedPath[]): void {
    const keep = db.prepare(
      'INSERT INTO index_places (path, place) VALUES (?, ?) ON CONFLICT DO UPDATE SET place = excluded.place',
    );
    for (const place of places) keep.run(place.path, JSON.stringify(place));
  },

  saveStates({ db }: Session, states: ReadonlyMap<string, TrackedState>): void {
    const find = db.prepare('SELECT place FROM index_places WHERE path = ?');
    const keep = db.prepare('UPDATE index_places SET place = ? WHERE path = ?');
    for (const [path, seen] of states) {
      const row = find.get(path);
      if (row) keep.run(JSON.stringify({ ...JSON.parse(String(row['place'])), seen }), path);
    }
  },
};
