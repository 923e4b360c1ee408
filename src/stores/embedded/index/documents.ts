import { similarNames } from '../../../similar-names.ts';
import { sliceLines } from '../../index/line-slice.ts';
import { remarksField } from '../../index/remarks.ts';
import type { DocumentRow, DocumentSlice, IndexStatistics, Selection } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { spokenLanguages } from './query-terms.ts';
import { endOf, factsOfRow, selectedDocuments } from './selection.ts';
import { spaceIn, vectorsIn } from './spaces.ts';
import { nextSequence, readState } from './state.ts';

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

function count({ db }: Session, what: string): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM ${what}`).get()?.['n'] ?? 0);
}

/** How many ids are compared to find similar ones. */
const maxSampledIds = 20_000;

/** What `read` finds out, once for every state of the index. */
function oncePerState<T>(session: Session, name: string, read: (session: Session) => T): T {
  const key = `index.${name}`;
  const { sequence } = readState(session);
  const known = session.memory.get(key) as { readonly sequence: number; readonly found: T } | undefined;
  if (known?.sequence === sequence) return known.found;
  const found = read(session);
  session.memory.set(key, { sequence, found });
  return found;
}

function readFormats({ db }: Session): Record<string, number> {
  const rows = db.prepare('SELECT format, count(*) AS n FROM index_documents GROUP BY format').all();
  return Object.fromEntries(rows.map((row) => [String(row['format']), Number(row['n'])]));
}

function readStatistics(session: Session): IndexStatistics {
  const chunks = count(session, 'index_chunks');
  const serving = spaceIn(session, 'serving');
  const pending = count(session, 'index_chunks WHERE embedded = 0');
  const embedded = serving ? vectorsIn(session, serving) : 0;
  const unknown = chunks - pending - embedded;
  return {
    documents: count(session, 'index_documents'),
    chunks,
    embedded,
    ...(unknown > 0 && { unknown }),
    ...(embedded > 0 &&
      serving && { space: { fingerprint: serving.fingerprint, dimensions: serving.dimensions } }),
  };
}

/** How many documents are sampled for names of fields. */
const fieldSample = 1_000;
/** Maximum number of field names listed. */
const maxFields = 200;

export const documentRegistryHandlers = {
  // Every search needs both.
  stats: (session: Session): IndexStatistics => oncePerState(session, 'statistics', readStatistics),
  languages: spokenLanguages,
  formats: (session: Session): Record<string, number> => oncePerState(session, 'formats', readFormats),

  selected(session: Session, selection: Selection): { documents: number; fields: string[]; types: string[] } {
    const { db, tick } = session;
    const selected = selectedDocuments(session, selection);
    const fields = new Set<string>();
    let documents = 0;
    for (const row of db.prepare('SELECT document FROM index_documents').iterate()) {
      tick();
      documents += selected[Number(row['document'])] ?? 0;
    }
    const sample = db.prepare('SELECT * FROM index_documents ORDER BY document DESC LIMIT ?');
    for (const row of sample.iterate(fieldSample)) {
      tick();
      for (const name of Object.keys(factsOfRow(row))) if (fields.size < maxFields) fields.add(name);
    }
    fields.delete('metadata');
    const types = db.prepare('SELECT DISTINCT type FROM index_documents ORDER BY type').all();
    return { documents, fields: [...fields], types: types.map(({ type }) => String(type)) };
  },

  list(
    { db }: Session,
    { within = '', after = '', limit }: { within?: string; after?: string; limit: number },
  ): { documents: DocumentRow[]; total: number } {
    const rows = db
      .prepare('SELECT * FROM index_documents WHERE id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?')
      .all(within, endOf(within), after, limit);
    const total = db
      .prepare('SELECT count(*) AS n FROM index_documents WHERE id >= ? AND id < ?')
      .get(within, endOf(within));
    return { documents: rows.map(rowOf), total: Number(total?.['n'] ?? 0) };
  },

  remarked({ db }: Session, limit: number): { documents: DocumentRow[]; total: number } {
    // In a text, a quotation mark has a backslash before it.
    const field = `"${remarksField}":`;
    const rows = db
      .prepare('SELECT * FROM index_documents WHERE instr(metadata, ?) > 0 ORDER BY id LIMIT ?')
      .all(field, limit);
    const total = db
      .prepare('SELECT count(*) AS n FROM index_documents WHERE instr(metadata, ?) > 0')
      .get(field);
    return { documents: rows.map(rowOf), total: Number(total?.['n'] ?? 0) };
  },

  read({ db }: Session, id: string, from: number, maxBytes: number): DocumentSlice | undefined {
    const row = db
      .prepare('SELECT * FROM index_documents JOIN index_texts USING (document) WHERE id = ?')
      .get(id);
    if (!row) return undefined;
    return { row: rowOf(row), from, ...sliceLines(String(row['text']), from, maxBytes) };
  },

  formatsOf({ db }: Session, ids: readonly string[]): ReadonlyMap<string, string> {
    const find = db.prepare('SELECT format FROM index_documents WHERE id = ?');
    const found = new Map<string, string>();
    for (const id of ids) {
      const row = find.get(id);
      if (row) found.set(id, String(row['format']));
    }
    return found;
  },

  marked({ db }: Session, format: string): string[] {
    const rows = db.prepare('SELECT id FROM index_documents WHERE format = ?').all(format);
    return rows.map(({ id }) => String(id));
  },

  mark(
    session: Session,
    ids: readonly string[],
    { to, from }: { readonly to: string; readonly from?: string },
  ): string[] {
    const sequence = nextSequence(session);
    const update = session.db.prepare(
      'UPDATE index_documents SET format = ?, sequence = ? WHERE id = ? AND format = coalesce(?, format)',
    );
    return ids.filter((id) => update.run(to, sequence, id, from ?? null).changes > 0);
  },

  similarIds({ db }: Session, id: string): string[] {
    const rows = db.prepare('SELECT id FROM index_documents ORDER BY id LIMIT ?').all(maxSampledIds);
    return similarNames(
      id,
      rows.map((row) => String(row['id'])),
    );
  },

  page({ db }: Session, id: string, page: number): { lines?: [number, number]; last: number } | undefined {
    const number = "coalesce(place ->> 'page', place ->> 'slide', place ->> 'chapter')";
    const pages = `SELECT first_line, last_line, ${number} AS page FROM index_chunks
      WHERE document = (SELECT document FROM index_documents WHERE id = ?) AND ${number} IS NOT NULL`;
    const row = db
      .prepare(
        `SELECT max(page) AS last, min(iif(page = ?, first_line, NULL)) AS first_line,
          max(iif(page = ?, last_line, NULL)) AS last_line FROM (${pages})`,
      )
      .get(page, page, id);
    if (!row || row['last'] === null) return undefined;
    const last = Number(row['last']);
    if (row['first_line'] === null) return { last };
    return { lines: [Number(row['first_line']), Number(row['last_line'])], last };
  },
};
