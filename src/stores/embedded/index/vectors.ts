import { indexedText } from '../../index/indexed-text.ts';
import type { PendingChunk, VectorSpace } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import type { Vector } from './bit-pages.ts';
import { freezeMean } from './mean.ts';
import { adoptSpace, leftOut, spaceIn, vectorsIn } from './spaces.ts';
import { nextSequence } from './state.ts';
import { writeVectors } from './write-vectors.ts';

function pendingChunks({ db }: Session): number {
  return Number(db.prepare('SELECT count(*) AS n FROM index_chunks WHERE embedded = 0').get()?.['n'] ?? 0);
}

/** A chunk's number and the text to embed, from its row with title and headings. */
export function pendingOf(row: Record<string, unknown>): PendingChunk {
  const heading = JSON.parse(String(row['heading'])) as string[];
  return {
    chunk: Number(row['chunk']),
    text: indexedText(String(row['title']), heading, String(row['text'])),
  };
}

/** Adds the same vectors for all chunks without one that have the same content. */
function withTwins({ db }: Session, vectors: readonly Vector[]): Vector[] {
  const same = db.prepare(
    `SELECT twin.chunk AS chunk FROM index_chunks AS one JOIN index_chunks AS twin USING (content)
      WHERE one.chunk = ? AND twin.embedded = 0`,
  );
  return vectors.flatMap(({ chunk, vector }) =>
    same.all(chunk).map((row) => ({ chunk: Number(row['chunk']), vector })),
  );
}

/** After vectors were removed: those that are left may need another mean. */
export function refreshMean(session: Session, sequence: number): void {
  const space = spaceIn(session, 'serving');
  if (space) freezeMean(session, space, sequence, pendingChunks(session) === 0);
}

export const vectorHandlers = {
  pending(session: Session, limit: number): { chunks: PendingChunk[]; total: number } {
    // In the order of chunk ids, which are hashes: the first vectors, from which the mean is computed, are a sample of
    // all documents.
    const rows = session.db
      .prepare(
        `SELECT chunk, title, heading, text FROM index_chunks JOIN index_documents USING (document)
          WHERE embedded = 0 ORDER BY index_chunks.id LIMIT ?`,
      )
      .all(limit);
    return { chunks: rows.map(pendingOf), total: pendingChunks(session) };
  },

  saveVectors(session: Session, wanted: VectorSpace, vectors: readonly Vector[]): number {
    const space = adoptSpace(session, wanted);
    const sequence = nextSequence(session);
    // A chunk may have been removed in the meantime, or another process may have been faster.
    const saved = writeVectors(session, space, withTwins(session, vectors), sequence);
    freezeMean(session, space, sequence, pendingChunks(session) === 0);
    return saved;
  },

  leaveOut(session: Session, wanted: VectorSpace, chunks: readonly number[]): void {
    const space = adoptSpace(session, wanted);
    const sequence = nextSequence(session);
    const mark = session.db.prepare(
      `UPDATE index_chunks SET embedded = ? WHERE embedded = 0 AND
        (chunk = ? OR content = (SELECT content FROM index_chunks WHERE chunk = ?))`,
    );
    for (const chunk of chunks) mark.run(leftOut, chunk, chunk);
    // What was waited for may be there now.
    freezeMean(session, space, sequence, pendingChunks(session) === 0);
  },

  withoutVectors(session: Session): string | undefined {
    const serving = spaceIn(session, 'serving');
    return serving && vectorsIn(session, serving) <= 0 ? serving.fingerprint : undefined;
  },
};
