import { centred } from '../../index/centring.ts';
import type { Neighbour, Selection } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { vectorsOf } from './bit-pages.ts';
import { nearestChunks } from './nearest.ts';
import { selectedChunks } from './selection.ts';
import { spaceIn } from './spaces.ts';

/** Passages that represent a document, spread over all of it. */
const maxPassages = 64;
/** Chunks examined for each document wanted, because several may belong to the same one. */
const chunksForEach = 10;

/** The mean of a document's vectors, from its first to its last part; undefined when it has none. */
function meanOf(session: Session, chunks: readonly number[]): Float32Array | undefined {
  const space = spaceIn(session, 'serving');
  if (!space) return undefined;
  const step = Math.max(1, Math.ceil(chunks.length / maxPassages));
  const sample = chunks.filter((_, i) => i % step === 0);
  const sum = new Float32Array(space.dimensions);
  let count = 0;
  for (const { vector } of vectorsOf(session, space, sample)) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
    count++;
  }
  return count === 0 ? undefined : sum.map((value) => value / count);
}

export const similarHandlers = {
  /** Documents by their passage that is nearest to the mean of the given document's passages. */
  similar(session: Session, id: string, selection: Selection, limit: number): Neighbour[] | undefined {
    const { db } = session;
    const own = db
      .prepare(
        'SELECT chunk FROM index_chunks WHERE document = (SELECT document FROM index_documents WHERE id = ?) ORDER BY chunk',
      )
      .all(id)
      .map((row) => Number(row['chunk']));
    const space = spaceIn(session, 'serving');
    const mean = meanOf(session, own);
    if (!space || !mean) return undefined;
    const query = centred(mean, space.mean);
    const wanted = own.length + limit * chunksForEach;
    const nearest = nearestChunks(session, space, query, selectedChunks(session, selection), wanted);
    const read = db.prepare(
      'SELECT id, title FROM index_documents WHERE document = (SELECT document FROM index_chunks WHERE chunk = ?)',
    );
    const found = new Map<string, Neighbour>();
    for (const { chunk, score } of nearest) {
      const row = read.get(chunk);
      const document = String(row?.['id']);
      if (!row || document === id || found.has(document)) continue;
      found.set(document, { chunk, document, title: String(row['title']), cosine: score });
      if (found.size === limit) break;
    }
    return [...found.values()];
  },
};
