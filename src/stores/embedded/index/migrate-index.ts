import type { DatabaseSync } from 'node:sqlite';
import { indexedText } from '../../index/indexed-text.ts';
import type { Session } from '../engine/operation.ts';
import { rewriteBits } from './bit-pages.ts';
import { contentOf } from './carry.ts';
import { spaceIn } from './spaces.ts';
import { blobOf } from './state.ts';

/**
 * Format 4: vectors in spaces, of which a second one may be built beside the one that serves; their sign
 * bits in pages; the place of a chunk and the hash of its content; the sequence of a document's last write.
 * The vectors that are there become those of space 1, whose keys begin at 2^32.
 */
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

/** Hashes what each chunk is embedded by. */
function hashContents(db: DatabaseSync): void {
  const chunks = db.prepare(
    'SELECT chunk, title, heading, text FROM index_chunks JOIN index_documents USING (document)',
  );
  const update = db.prepare('UPDATE index_chunks SET content = ? WHERE chunk = ?');
  for (const row of chunks.all()) {
    const heading = JSON.parse(String(row['heading'])) as string[];
    const text = indexedText(String(row['title']), heading, String(row['text']));
    update.run(contentOf(text), Number(row['chunk']));
  }
  db.exec('CREATE INDEX index_chunks_by_content ON index_chunks (content)');
}

/** Lists the chunks with a vector in one page, in the order in which they came, and makes their sign bits. */
function writeBits(db: DatabaseSync, order: Uint32Array): void {
  const session: Session = { db, tick() {}, progress() {}, memory: new Map() };
  const space = spaceIn(session, 'serving');
  if (!space || order.length === 0) return;
  db.prepare('INSERT INTO index_bits (space, sequence, count, chunks, bits) VALUES (?, 0, ?, ?, ?)').run(
    space.space,
    order.length,
    blobOf(order),
    new Uint8Array(0),
  );
  const state = db.prepare('SELECT sequence FROM index_state').get();
  rewriteBits(session, space, Number(state?.['sequence'] ?? 0));
}

/** Brings the search index from format 3, where it is as in format 1, to format 4. */
export function migrateIndex(db: DatabaseSync): void {
  const order = db.prepare('SELECT chunk FROM index_vectors ORDER BY sequence, chunk').all();
  db.exec(tables);
  db.exec(rows);
  db.exec(columns);
  hashContents(db);
  writeBits(
    db,
    Uint32Array.from(order, (row) => Number(row['chunk'])),
  );
}
