import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { bytesOfSigns, writeSigns } from './sign-bits.ts';
import { type Space, vectorKey } from './spaces.ts';
import { blobOf, floatsOf } from './state.ts';

/** Chunks per page: few enough to rewrite with every batch, many enough to read fast. */
const pageSize = 2_048;

/** Sign bits of some chunks, in the order in which their vectors were written. */
interface Page {
  readonly chunks: Uint32Array;
  readonly bits: Uint8Array;
}

export interface Vector {
  readonly chunk: number;
  readonly vector: Float32Array;
}

export function pageOf(row: Record<string, unknown>): Page {
  const chunks = row['chunks'] as Uint8Array;
  return { chunks: new Uint32Array(chunks.slice().buffer), bits: row['bits'] as Uint8Array };
}

function signsOf({ dimensions, mean }: Space, vectors: readonly Vector[]): Page {
  const bytes = bytesOfSigns(dimensions);
  const chunks = Uint32Array.from(vectors, ({ chunk }) => chunk);
  const bits = new Uint8Array(vectors.length * bytes);
  for (const [i, { vector }] of vectors.entries()) writeSigns(vector, mean, bits, i * bytes);
  return { chunks, bits };
}

function write({ db }: Session, { space }: Space, sequence: number, { chunks, bits }: Page): void {
  db.prepare('INSERT INTO index_bits (space, sequence, count, chunks, bits) VALUES (?, ?, ?, ?, ?)').run(
    space,
    sequence,
    chunks.length,
    blobOf(chunks),
    bits,
  );
}

function join(pages: readonly Page[]): Page {
  const chunks = new Uint32Array(pages.reduce((sum, page) => sum + page.chunks.length, 0));
  const bits = new Uint8Array(pages.reduce((sum, page) => sum + page.bits.length, 0));
  let [chunk, bit] = [0, 0];
  for (const page of pages) {
    chunks.set(page.chunks, chunk);
    bits.set(page.bits, bit);
    chunk += page.chunks.length;
    bit += page.bits.length;
  }
  return { chunks, bits };
}

/** Adds the sign bits of new vectors: the last page is filled up, and reread by every cache. */
export function appendBits(
  session: Session,
  space: Space,
  vectors: readonly Vector[],
  sequence: number,
): void {
  if (vectors.length === 0) return;
  const { db } = session;
  const last = db
    .prepare('SELECT page, count, chunks, bits FROM index_bits WHERE space = ? ORDER BY page DESC LIMIT 1')
    .get(space.space);
  let all = signsOf(space, vectors);
  if (last && Number(last['count']) < pageSize) {
    all = join([pageOf(last), all]);
    db.prepare('DELETE FROM index_bits WHERE page = ?').run(Number(last['page']));
  }
  const bytes = bytesOfSigns(space.dimensions);
  for (let from = 0; from < all.chunks.length; from += pageSize) {
    const to = Math.min(all.chunks.length, from + pageSize);
    write(session, space, sequence, {
      chunks: all.chunks.slice(from, to),
      bits: all.bits.slice(from * bytes, to * bytes),
    });
  }
}

/** The vectors of existing chunks, in chunk order. */
export function* vectorsOf(session: Session, { space }: Space, chunks: Iterable<number>): Generator<Vector> {
  const read = statement(session, 'SELECT vector FROM index_vectors WHERE key = ?');
  for (const chunk of chunks) {
    session.tick();
    const row = read.get(vectorKey(space, chunk));
    if (row) yield { chunk, vector: floatsOf(row['vector'] as Uint8Array) };
  }
}

/** The chunks of a space in the order in which their vectors were written; some may have been removed. */
export function chunksInOrder({ db }: Session, { space }: Space, pages = -1): number[] {
  const rows = db
    .prepare('SELECT chunks FROM index_bits WHERE space = ? ORDER BY page LIMIT ?')
    .all(space, pages);
  return rows.flatMap((row) => [...new Uint32Array((row['chunks'] as Uint8Array).slice().buffer)]);
}

/** Rebuilds all sign bits of a space from its vectors, because of a new mean or too many removed chunks. */
export function rewriteBits(session: Session, space: Space, sequence: number): void {
  const { db } = session;
  const chunks = chunksInOrder(session, space);
  db.prepare('DELETE FROM index_bits WHERE space = ?').run(space.space);
  db.prepare('UPDATE index_spaces SET dead = 0 WHERE space = ?').run(space.space);
  let batch: Vector[] = [];
  for (const vector of vectorsOf(session, space, chunks)) {
    batch.push(vector);
    if (batch.length < pageSize) continue;
    write(session, space, sequence, signsOf(space, batch));
    batch = [];
  }
  if (batch.length > 0) write(session, space, sequence, signsOf(space, batch));
}
