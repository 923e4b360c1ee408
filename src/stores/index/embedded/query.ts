import type { Session } from '../../sqlite/operation.ts';
import type { Candidate, Passage, Scored, VectorSpace } from '../types.ts';
import { keywordScores } from './bm25.ts';
import { endOf } from './documents.ts';
import { readState } from './state.ts';
import { topCandidates } from './top.ts';
import { centre, similarity, type VectorCache, vectorCache } from './vector-cache.ts';

/** Whether a chunk belongs to a document whose id starts with `within`. */
function filter({ db, tick }: Session, within: string | undefined): (chunk: number) => boolean {
  if (within === undefined || within === '') return () => true;
  const chunks = new Set<number>();
  const rows = db.prepare(
    'SELECT chunk FROM index_documents JOIN index_chunks USING (document) WHERE index_documents.id >= ? AND index_documents.id < ?',
  );
  for (const row of rows.iterate(within, endOf(within))) {
    tick();
    chunks.add(Number(row['chunk']));
  }
  return (chunk) => chunks.has(chunk);
}

/** The query's vector as the matrix needs it, or undefined when it is of another space than the index. */
function prepare(
  session: Session,
  values: Float32Array,
  space: VectorSpace,
): { cache: VectorCache; query: Float32Array } | undefined {
  if (readState(session).fingerprint !== space.fingerprint) return undefined;
  const cache = vectorCache(session);
  const query = new Float32Array(cache.dimensions);
  centre(values, cache.mean, query, 0);
  return { cache, query };
}

export const queryOperations = {
  'index.keywordCandidates': (
    session: Session,
    { query, limit, within }: { query: string; limit: number; within?: string },
  ): Candidate[] => {
    const { scores } = keywordScores(session, query);
    const matches = filter(session, within);
    const top = topCandidates(limit);
    for (let chunk = 0; chunk < scores.length; chunk++) {
      const score = scores[chunk] ?? 0;
      if (score > 0 && matches(chunk)) top.offer(chunk, score);
    }
    return top.list();
  },

  'index.vectorCandidates': (
    session: Session,
    {
      vector,
      space,
      limit,
      within,
    }: { vector: Float32Array; space: VectorSpace; limit: number; within?: string },
  ): Candidate[] => {
    const prepared = prepare(session, vector, space);
    if (!prepared) return [];
    const { cache, query } = prepared;
    const matches = filter(session, within);
    const top = topCandidates(limit);
    for (let row = 0; row < cache.chunkAt.length; row++) {
      session.tick();
      const chunk = cache.chunkAt[row] ?? 0;
      if (matches(chunk)) top.offer(chunk, similarity(cache, row, query));
    }
    return top.list();
  },

  'index.score': (
    session: Session,
    {
      query,
      vector,
      chunks,
    }: {
      query: string;
      vector?: { readonly values: Float32Array; readonly space: VectorSpace };
      chunks: readonly number[];
    },
  ): Scored[] => {
    const { scores } = keywordScores(session, query);
    const prepared = vector && prepare(session, vector.values, vector.space);
    return chunks.map((chunk) => {
      const row = prepared?.cache.rowOf.get(chunk);
      const cosine =
        prepared && row !== undefined ? similarity(prepared.cache, row, prepared.query) : undefined;
      return { chunk, keywords: scores[chunk] ?? 0, ...(cosine !== undefined && { cosine }) };
    });
  },

  'index.fetch': ({ db, tick }: Session, { chunks }: { chunks: readonly number[] }): Passage[] => {
    const read = db.prepare(
      `SELECT index_chunks.id AS id, index_documents.id AS document, title, heading, first_line, last_line, text
        FROM index_chunks JOIN index_documents USING (document) WHERE chunk = ?`,
    );
    const passages: Passage[] = [];
    for (const chunk of chunks) {
      tick();
      const row = read.get(chunk);
      if (!row) continue;
      passages.push({
        chunk,
        id: String(row['id']),
        document: String(row['document']),
        title: String(row['title']),
        heading: JSON.parse(String(row['heading'])) as string[],
        lines: [Number(row['first_line']), Number(row['last_line'])],
        text: String(row['text']),
      });
    }
    return passages;
  },
};
