import type { DatabaseSync } from 'node:sqlite';
import { floatsOf } from '../../src/stores/embedded/index/state.ts';

/** What a file says of the documents of a folder, without numbers and times of its own. */
export interface IndexRows {
  readonly documents: readonly string[];
  readonly chunks: readonly string[];
  /** One vector for each chunk, in their order; none is missing. */
  readonly vectors: readonly Float32Array[];
}

/** @throws Error for a chunk without a vector that is searched */
export function indexRows(db: DatabaseSync): IndexRows {
  const documents = db
    .prepare(
      `SELECT id, title, type, bytes, lines, chunks, metadata, hash, format, source, path, size, text
        FROM index_documents JOIN index_texts USING (document) ORDER BY id`,
    )
    .all()
    .map((row) => JSON.stringify(row));
  const rows = db
    .prepare(
      `SELECT d.id AS document, c.id, heading, first_line, last_line, place, c.text, length, embedded, vector
        FROM index_chunks AS c JOIN index_documents AS d USING (document)
        LEFT JOIN index_vectors ON key = chunk + ((SELECT space FROM index_spaces WHERE state = 'serving') << 32)
        ORDER BY d.id, first_line, c.id`,
    )
    .all();
  const vectors: Float32Array[] = [];
  const chunks = rows.map(({ vector, ...row }) => {
    if (vector === null) throw new Error(`no vector for a chunk of ${row['document']}`);
    vectors.push(floatsOf(vector as Uint8Array));
    return JSON.stringify(row);
  });
  return { documents, chunks, vectors };
}

/** Vectors of the same text differ a little, by the texts that were embedded with it. */
const sameCosine = 0.99;

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}

/** @throws Error for a row that only one has, and for a vector that is not that of its text */
export function compareRows(found: IndexRows, wanted: IndexRows): void {
  for (const what of ['documents', 'chunks'] as const) {
    const [left, right] = [found[what], wanted[what]];
    const at = right.findIndex((row, i) => left[i] !== row);
    if (at >= 0 || left.length !== right.length)
      throw new Error(`${left.length} ${what}, fresh ${right.length}; ${left[at]} is not ${right[at]}`);
  }
  for (const [i, vector] of wanted.vectors.entries()) {
    const like = cosine(found.vectors[i] ?? new Float32Array(vector.length), vector);
    if (like < sameCosine)
      throw new Error(`a vector is not that of its text (cosine ${like.toFixed(3)}): ${wanted.chunks[i]}`);
  }
}
