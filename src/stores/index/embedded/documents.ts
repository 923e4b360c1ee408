import { nearest } from '../../../near.ts';
import type { Session } from '../../sqlite/operation.ts';
import type { DocumentRow, DocumentSlice, FileRecord, IndexStatistics, Source } from '../types.ts';
import { readState } from './state.ts';

type Row = Record<string, unknown>;

export function rowOf(row: Row): DocumentRow {
  return {
    id: String(row['id']),
    title: String(row['title']),
    type: String(row['type']),
    bytes: Number(row['bytes']),
    lines: Number(row['lines']),
    chunks: Number(row['chunks']),
    indexedAt: Number(row['indexed_at']),
    metadata: JSON.parse(String(row['metadata'])) as Record<string, unknown>,
  };
}

/** The ids that start with a prefix are those from the prefix up to this. */
export function endOf(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

function count({ db }: Session, what: string): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM ${what}`).get()?.['n'] ?? 0);
}

/** Whole lines from `from`, as many as fit into `maxBytes`, at least one. */
function slice(text: string, from: number, maxBytes: number): { text: string; to: number; total: number } {
  const lines = text === '' ? [] : text.split('\n');
  let bytes = 0;
  let to = from - 1;
  while (to < lines.length) {
    bytes += Buffer.byteLength(lines[to] ?? '') + 1;
    if (bytes - 1 > maxBytes && to >= from) break;
    to++;
  }
  return { text: lines.slice(from - 1, to).join('\n'), to, total: lines.length };
}

/** How many ids are looked at to find near ones. */
const nearSample = 20_000;

export const documentRegistryOperations = {
  'index.stats': (session: Session, _args: null): IndexStatistics => {
    const { fingerprint, dimensions } = readState(session);
    const formats = session.db
      .prepare('SELECT format, count(*) AS n FROM index_documents GROUP BY format')
      .all();
    const chunks = count(session, 'index_chunks');
    const embedded = chunks - count(session, 'index_chunks WHERE embedded = 0');
    return {
      documents: count(session, 'index_documents'),
      chunks,
      embedded,
      formats: Object.fromEntries(formats.map((row) => [String(row['format']), Number(row['n'])])),
      ...(embedded > 0 && fingerprint !== null && { space: { fingerprint, dimensions: dimensions ?? 0 } }),
    };
  },

  'index.list': (
    { db }: Session,
    { within = '', after = '', limit }: { within?: string; after?: string; limit: number },
  ): { documents: DocumentRow[]; total: number } => {
    const rows = db
      .prepare('SELECT * FROM index_documents WHERE id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?')
      .all(within, endOf(within), after, limit);
    const total = db
      .prepare('SELECT count(*) AS n FROM index_documents WHERE id >= ? AND id < ?')
      .get(within, endOf(within));
    return { documents: rows.map(rowOf), total: Number(total?.['n'] ?? 0) };
  },

  'index.read': (
    { db }: Session,
    { id, from, maxBytes }: { id: string; from: number; maxBytes: number },
  ): DocumentSlice | undefined => {
    const row = db
      .prepare('SELECT * FROM index_documents JOIN index_texts USING (document) WHERE id = ?')
      .get(id);
    if (!row) return undefined;
    return { row: rowOf(row), from, ...slice(String(row['text']), from, maxBytes) };
  },

  'index.near': ({ db }: Session, { id }: { id: string }): string[] => {
    const rows = db.prepare('SELECT id FROM index_documents ORDER BY id LIMIT ?').all(nearSample);
    return nearest(
      id,
      rows.map((row) => String(row['id'])),
    );
  },

  'index.sources': ({ db }: Session, _args: null): Source[] =>
    db.prepare('SELECT name, root FROM index_sources ORDER BY name').all() as unknown as Source[],

  'index.source': ({ db }: Session, { root, name }: { root: string; name: string }): Source => {
    const known = db.prepare('SELECT name FROM index_sources WHERE root = ?').get(root);
    if (known) return { name: String(known['name']), root };
    const taken = db.prepare('SELECT 1 FROM index_sources WHERE name = ?');
    let free = name;
    for (let suffix = 2; taken.get(free); suffix++) free = `${name}-${suffix}`;
    db.prepare('INSERT INTO index_sources (name, root) VALUES (?, ?)').run(free, root);
    return { name: free, root };
  },

  'index.files': ({ db }: Session, { source }: { source: string }): FileRecord[] =>
    db
      .prepare('SELECT id, path, modified, size, hash, format FROM index_documents WHERE source = ?')
      .all(source)
      .map((row) => ({ ...row })) as unknown as FileRecord[],

  'index.touch': (
    { db }: Session,
    { files }: { files: readonly { readonly id: string; readonly modified: number }[] },
  ): null => {
    const statement = db.prepare('UPDATE index_documents SET modified = ? WHERE id = ?');
    for (const { id, modified } of files) statement.run(modified, id);
    return null;
  },
};
