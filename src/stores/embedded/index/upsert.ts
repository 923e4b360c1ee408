import { stringifyExactJson } from '../../../mql/formats.ts';
import { aboutOf, firstPassage } from '../../index/about.ts';
import { analyse, lengthOf } from '../../index/analyser.ts';
import { contentOf, indexedText } from '../../index/indexed-text.ts';
import { countLines } from '../../index/line-slice.ts';
import { spokenIn } from '../../index/spoken.ts';
import type { DocumentRow, NewChunk, NewDocument } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { rowOf } from './documents.ts';
import { dropRemoved, type SegmentBuilder, segmentBuilder } from './segments.ts';
import { nextSequence } from './state.ts';
import { untrackPathOf } from './tracked-paths.ts';
import { refreshMean } from './vectors.ts';
import { type NewContent, removeVectors, reuseVectors } from './write-vectors.ts';

type Row = Readonly<Record<string, unknown>>;

/** Writes the document's row and text and returns its number. */
function writeDocument(
  { db }: Session,
  document: NewDocument,
  number: number | undefined,
  sequence: number,
): number {
  const { id, title, type, bytes, text, metadata, hash, format, origin, chunks } = document;
  const { indexedAt = Date.now() } = document;
  const values = [
    title,
    type,
    bytes,
    countLines(text),
    chunks.length,
    indexedAt,
    stringifyExactJson(metadata),
    hash,
    format,
    origin?.source ?? null,
    origin?.path ?? null,
    origin?.modified ?? 0,
    origin?.size ?? bytes,
    sequence,
  ];
  if (number === undefined) {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO index_documents (title, type, bytes, lines, chunks, indexed_at, metadata, hash, format,
          source, path, modified, size, sequence, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(...values, id);
    db.prepare('INSERT INTO index_texts (document, text) VALUES (?, ?)').run(lastInsertRowid, text);
    return Number(lastInsertRowid);
  }
  db.prepare(
    `UPDATE index_documents SET title = ?, type = ?, bytes = ?, lines = ?, chunks = ?, indexed_at = ?,
      metadata = ?, hash = ?, format = ?, source = ?, path = ?, modified = ?, size = ?, sequence = ?
      WHERE document = ?`,
  ).run(...values, number);
  db.prepare('UPDATE index_texts SET text = ? WHERE document = ?').run(text, number);
  return number;
}

/** Removes chunks and their vectors; their postings are skipped until their segment is rewritten. */
function removeChunks(session: Session, chunks: readonly number[], sequence: number): void {
  const { db, tick } = session;
  const note = db.prepare('INSERT INTO index_removals (chunk, sequence) VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM index_chunks WHERE chunk = ?');
  for (const chunk of chunks) {
    tick();
    note.run(chunk, sequence);
    remove.run(chunk);
  }
  removeVectors(session, chunks, sequence);
}

function writeChunks(
  session: Session,
  { title, chunks, ...rest }: NewDocument,
  document: number,
  reusable: Map<string, number>,
  segment: SegmentBuilder,
): NewContent[] {
  const { db, tick } = session;
  const written: NewContent[] = [];
  const move = db.prepare('UPDATE index_chunks SET first_line = ?, last_line = ?, place = ? WHERE chunk = ?');
  const insert = db.prepare(
    `INSERT INTO index_chunks (document, id, heading, first_line, last_line, place, text, length, content)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const about = aboutOf({ title, ...rest });
  const spoken = spokenIn({ chunks, ...rest });
  const first = firstPassage(chunks);
  for (const chunk of chunks) {
    const { id, heading, lines, place, text } = chunk;
    tick();
    const at = place === undefined ? null : JSON.stringify(place);
    const existing = reusable.get(id);
    if (existing !== undefined) {
      reusable.delete(id);
      move.run(lines[0], lines[1], at, existing);
      continue;
    }
    const indexed = indexedText(title, heading, text);
    const terms = analyse(indexed, spoken);
    const content = contentOf(indexed);
    const { lastInsertRowid } = insert.run(
      document,
      id,
      JSON.stringify(heading),
      lines[0],
      lines[1],
      at,
      text,
      lengthOf(terms),
      content,
    );
    segment.add(Number(lastInsertRowid), chunk === first ? [...terms, ...analyse(about, spoken)] : terms);
    written.push({ chunk: Number(lastInsertRowid), content });
  }
  return written;
}

function chunkNumbersOf({ db }: Session, document: number): number[] {
  const rows = db.prepare('SELECT chunk FROM index_chunks WHERE document = ?').all(document);
  return rows.map((row) => Number(row['chunk']));
}

function chunksOf({ db }: Session, document: number): Map<string, number> {
  const rows = db.prepare('SELECT id, chunk FROM index_chunks WHERE document = ?').all(document);
  return new Map(rows.map((row) => [String(row['id']), Number(row['chunk'])]));
}

/**
 * Takes the first chunk, which has words of the whole document (`aboutOf`), out of those that can be kept, where these
 * words have changed or it was not the first or will not be.
 * @returns the numbers that were taken out
 */
function changedFirsts(
  { db }: Session,
  document: NewDocument,
  old: Row,
  number: number,
  reusable: Map<string, number>,
): number[] {
  const metadata = JSON.parse(String(old['metadata'])) as Record<string, unknown>;
  const before = { id: document.id, title: document.title, metadata };
  const row = db
    .prepare("SELECT id FROM index_chunks WHERE document = ? AND id <> '' ORDER BY first_line, chunk LIMIT 1")
    .get(number);
  const [first, next] = [row && String(row['id']), firstPassage(document.chunks)?.id];
  if (first === next && aboutOf(before) === aboutOf(document)) return [];
  return [first, next].flatMap((id) => {
    const chunk = id === undefined ? undefined : reusable.get(id);
    if (id === undefined || chunk === undefined) return [];
    reusable.delete(id);
    return [chunk];
  });
}

/**
 * Writes the lines of a document's numbered pages, slides or chapters, each as a chunk without text or words. A chunk
 * without text wants no vector either.
 */
function writePages({ db }: Session, document: number, chunks: readonly NewChunk[]): void {
  const pages = new Map<string, [number, number]>();
  for (const { place, lines } of chunks) {
    if (place === undefined || 'sheet' in place) continue;
    const at = JSON.stringify(place);
    const [first, last] = pages.get(at) ?? lines;
    pages.set(at, [Math.min(first, lines[0]), Math.max(last, lines[1])]);
  }
  const insert = db.prepare(
    `INSERT INTO index_chunks (document, id, heading, first_line, last_line, place, text, length, embedded)
      VALUES (?, '', '[]', ?, ?, ?, '', 0, 1)`,
  );
  for (const [at, lines] of pages) insert.run(document, ...lines, at);
}

/** Removes documents with their chunks and vectors, and returns those that existed. */
export function removeDocuments(session: Session, ids: readonly string[]): DocumentRow[] {
  const { db } = session;
  const sequence = nextSequence(session);
  const rows: DocumentRow[] = [];
  const removed: number[] = [];
  const find = db.prepare('SELECT * FROM index_documents WHERE id = ?');
  const remove = db.prepare('DELETE FROM index_documents WHERE document = ?');
  for (const id of ids) {
    const row = find.get(id);
    if (!row) continue;
    const document = Number(row['document']);
    const chunks = chunkNumbersOf(session, document);
    removeChunks(session, chunks, sequence);
    removed.push(...chunks);
    remove.run(document);
    rows.push(rowOf(row));
  }
  dropRemoved(session, removed);
  if (removed.length > 0) refreshMean(session, sequence);
  return rows;
}

export const upsertHandlers = {
  upsert(session: Session, documents: readonly NewDocument[]): void {
    const { db } = session;
    const sequence = nextSequence(session);
    const segment = segmentBuilder(session);
    const removed: number[] = [];
    const find = db.prepare('SELECT document, id, title, format, metadata FROM index_documents WHERE id = ?');
    for (const document of documents) {
      const old = find.get(document.id);
      const number = writeDocument(session, document, old && Number(old['document']), sequence);
      // A new title or a different analyser changes the terms of every chunk.
      const same = old?.['title'] === document.title && old['format'] === document.format;
      const reusable = same ? chunksOf(session, number) : new Map<string, number>();
      const firsts = same ? changedFirsts(session, document, old, number, reusable) : [];
      // By number: the pages that `upsertDocuments` writes have no ids of their own.
      const replaced = old && !same ? chunkNumbersOf(session, number) : [];
      // Before the old ones are removed: a passage with a new title or number is often otherwise unchanged.
      reuseVectors(session, writeChunks(session, document, number, reusable, segment), sequence);
      const obsolete = [...replaced, ...firsts, ...reusable.values()];
      removeChunks(session, obsolete, sequence);
      removed.push(...obsolete);
    }
    dropRemoved(session, removed);
    segment.write();
  },

  /** As `upsert`, where the passages are elsewhere. */
  upsertDocuments(session: Session, documents: readonly NewDocument[]): void {
    const sequence = nextSequence(session);
    const removed: number[] = [];
    const find = session.db.prepare('SELECT document FROM index_documents WHERE id = ?');
    for (const document of documents) {
      const old = find.get(document.id);
      const number = writeDocument(session, document, old && Number(old['document']), sequence);
      const obsolete = old ? chunkNumbersOf(session, number) : [];
      removeChunks(session, obsolete, sequence);
      removed.push(...obsolete);
      writePages(session, number, document.chunks);
    }
    dropRemoved(session, removed);
  },

  remove: removeDocuments,

  removeMarked(session: Session, ids: readonly string[], format: string): DocumentRow[] {
    const find = session.db.prepare('SELECT 1 FROM index_documents WHERE id = ? AND format = ?');
    return removeDocuments(
      session,
      ids.filter((id) => find.get(id, format) !== undefined),
    );
  },

  forget(session: Session, id: string): DocumentRow | undefined {
    untrackPathOf(session, id);
    return removeDocuments(session, [id])[0];
  },
};
