import { inlineSource } from '../../index/inline-source.ts';
import type { FileRecord, Source, SourceSummary } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { nextSequence } from './state.ts';
import { untrackPathsOf } from './tracked-paths.ts';
import { removeDocuments } from './upsert.ts';

export const sourceHandlers = {
  sources: ({ db }: Session): Source[] =>
    db.prepare('SELECT name, root FROM index_sources ORDER BY name').all() as unknown as Source[],

  summaries: ({ db }: Session): SourceSummary[] =>
    db
      .prepare(
        `SELECT name, kind, count(document) AS documents, coalesce(sum(chunks), 0) AS chunks,
            coalesce(max(indexed_at), 0) AS indexedAt
          FROM (
            SELECT name, iif(root LIKE 'collection:%', 'collection', 'files') AS kind FROM index_sources
            UNION SELECT ?, 'inline' WHERE EXISTS (SELECT 1 FROM index_documents WHERE source IS NULL)
          ) LEFT JOIN (
            SELECT document, coalesce(source, ?) AS source, chunks, indexed_at FROM index_documents
          ) ON source = name GROUP BY name ORDER BY name`,
      )
      .all(inlineSource, inlineSource)
      .map((row) => ({ ...row })) as unknown as SourceSummary[],

  vectorsBySource({ db }: Session): ReadonlyMap<string, number> {
    const rows = db
      .prepare(
        `SELECT coalesce(source, ?) AS source, sum((
            SELECT count(*) FROM index_chunks
              WHERE index_chunks.document = index_documents.document AND embedded = 1)) AS vectors
          FROM index_documents GROUP BY 1`,
      )
      .all(inlineSource);
    return new Map(rows.map((row) => [String(row['source']), Number(row['vectors'])]));
  },

  source({ db }: Session, root: string, name: string): Source {
    const known = db.prepare('SELECT name FROM index_sources WHERE root = ?').get(root);
    if (known) return { name: String(known['name']), root };
    const taken = db.prepare('SELECT 1 FROM index_sources WHERE name = ?');
    let free = name;
    for (let suffix = 2; taken.get(free); suffix++) free = `${name}-${suffix}`;
    db.prepare('INSERT INTO index_sources (name, root) VALUES (?, ?)').run(free, root);
    return { name: free, root };
  },

  removeSource(session: Session, name: string): number | undefined {
    const { db } = session;
    const ids =
      name === inlineSource
        ? db.prepare('SELECT id FROM index_documents WHERE source IS NULL').all()
        : db.prepare('SELECT id FROM index_documents WHERE source = ?').all(name);
    const isKnown = db.prepare('SELECT 1 FROM index_sources WHERE name = ?').get(name) !== undefined;
    if (!isKnown && ids.length === 0) return undefined;
    removeDocuments(
      session,
      ids.map((row) => String(row['id'])),
    );
    untrackPathsOf(session, name);
    db.prepare('DELETE FROM index_sources WHERE name = ?').run(name);
    db.prepare('DELETE FROM index_positions WHERE source = ?').run(name);
    return ids.length;
  },

  files: ({ db }: Session, source: string): FileRecord[] =>
    db
      .prepare('SELECT id, path, modified, size, hash, format FROM index_documents WHERE source = ?')
      .all(source)
      .map((row) => ({ ...row })) as unknown as FileRecord[],

  touch(session: Session, files: readonly Pick<FileRecord, 'id' | 'modified' | 'size'>[]): void {
    const sequence = nextSequence(session);
    const statement = session.db.prepare(
      'UPDATE index_documents SET modified = ?, size = ?, sequence = ? WHERE id = ?',
    );
    for (const { id, modified, size } of files) statement.run(modified, size, sequence, id);
  },
};
