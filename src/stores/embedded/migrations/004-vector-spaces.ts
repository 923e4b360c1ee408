import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

const tables = `
CREATE TABLE index_spaces (
  space INTEGER PRIMARY KEY AUTOINCREMENT,
  fingerprint TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  state TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  mean BLOB,
  mean_of INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX index_spaces_by_state ON index_spaces (state) WHERE state IN ('serving', 'building');

CREATE TABLE index_bits (
  page INTEGER PRIMARY KEY AUTOINCREMENT,
  space INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  count INTEGER NOT NULL,
  chunks BLOB NOT NULL,
  bits BLOB NOT NULL
) STRICT;
CREATE INDEX index_bits_by_space ON index_bits (space, page, sequence, count);

CREATE TABLE index_vectors_of_spaces (
  key INTEGER PRIMARY KEY,
  vector BLOB NOT NULL
) STRICT;
`;

/** The vectors that are there become those of space 1, whose keys begin at 2^32. */
const rows = `
INSERT INTO index_spaces (space, fingerprint, dimensions, state, generation, mean, mean_of)
  SELECT 1, fingerprint, dimensions, 'serving', generation, mean, mean_of FROM index_state
    WHERE fingerprint IS NOT NULL;
INSERT INTO index_vectors_of_spaces (key, vector) SELECT 4294967296 + chunk, vector FROM index_vectors ORDER BY chunk;
`;

const columns = `
DROP TABLE index_vectors;
ALTER TABLE index_vectors_of_spaces RENAME TO index_vectors;
ALTER TABLE index_state DROP COLUMN fingerprint;
ALTER TABLE index_state DROP COLUMN dimensions;
ALTER TABLE index_state DROP COLUMN generation;
ALTER TABLE index_state DROP COLUMN mean;
ALTER TABLE index_state DROP COLUMN mean_of;
ALTER TABLE index_documents ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
CREATE INDEX index_documents_by_sequence ON index_documents (sequence);
ALTER TABLE index_chunks ADD COLUMN place TEXT;
ALTER TABLE index_chunks ADD COLUMN content BLOB;
DROP INDEX index_chunks_lengths;
CREATE INDEX index_chunks_lengths ON index_chunks (chunk, length, document);
`;

/** The first 128 bits of the SHA-256 of what a chunk is embedded by: the title, the headings and its text. */
function contentOf(title: string, heading: readonly string[], text: string): Uint8Array {
  const above = heading[0] === title ? heading : [title, ...heading];
  const indexed = [above.join(' › '), text].filter((part) => part !== '').join('\n');
  return createHash('sha256').update(indexed).digest().subarray(0, 16);
}

function hashContents(db: DatabaseSync): void {
  const chunks = db.prepare(
    'SELECT chunk, title, heading, text FROM index_chunks JOIN index_documents USING (document)',
  );
  const update = db.prepare('UPDATE index_chunks SET content = ? WHERE chunk = ?');
  for (const row of chunks.all()) {
    const heading = JSON.parse(String(row['heading'])) as string[];
    update.run(contentOf(String(row['title']), heading, String(row['text'])), Number(row['chunk']));
  }
  db.exec('CREATE INDEX index_chunks_by_content ON index_chunks (content)');
}

const floatsOf = (blob: unknown): Float32Array => new Float32Array((blob as Uint8Array).slice().buffer);

/** Bit i (bit i mod 8 of byte i / 8) is set where component i of the centred vector is positive. */
function signsOf(vector: Float32Array, mean: Float32Array | undefined): Uint8Array {
  const bits = new Uint8Array(Math.ceil(vector.length / 32) * 4);
  for (const [i, value] of vector.entries()) {
    if (value - (mean?.[i] ?? 0) > 0) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return bits;
}

const chunksOfPage = 2_048;

/** Writes the sign bits of all vectors in pages, in the order in which the vectors came. */
function writeBits(db: DatabaseSync, order: readonly number[]): void {
  const space = db.prepare('SELECT mean FROM index_spaces WHERE space = 1').get();
  if (!space) return;
  const mean = space['mean'] === null ? undefined : floatsOf(space['mean']);
  const read = db.prepare('SELECT vector FROM index_vectors WHERE key = 4294967296 + ?');
  const write = db.prepare(
    `INSERT INTO index_bits (space, sequence, count, chunks, bits)
      SELECT 1, sequence, ?, ?, ? FROM index_state`,
  );
  for (let from = 0; from < order.length; from += chunksOfPage) {
    const chunks = Uint32Array.from(order.slice(from, from + chunksOfPage));
    const bits = Array.from(chunks, (chunk) => signsOf(floatsOf(read.get(chunk)?.['vector']), mean));
    write.run(chunks.length, new Uint8Array(chunks.buffer), Buffer.concat(bits));
  }
}

/**
 * Format 4: vectors in spaces, of which a second one may be built beside the one that serves; their sign
 * bits in pages; the place of a chunk and the hash of its content; the sequence of a document's last write.
 */
export function addVectorSpaces(db: DatabaseSync): void {
  const order = db.prepare('SELECT chunk FROM index_vectors ORDER BY sequence, chunk').all();
  db.exec(tables);
  db.exec(rows);
  db.exec(columns);
  hashContents(db);
  writeBits(
    db,
    order.map((row) => Number(row['chunk'])),
  );
}
