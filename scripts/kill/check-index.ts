import type { DatabaseSync } from 'node:sqlite';
import type { Session } from '../../src/stores/embedded/engine/session.ts';
import { pageOf } from '../../src/stores/embedded/index/bit-pages.ts';
import { visitPostings } from '../../src/stores/embedded/index/postings.ts';
import { bytesOfSigns, writeSigns } from '../../src/stores/embedded/index/sign-bits.ts';
import { allSpaces, type Space, vectorKey } from '../../src/stores/embedded/index/spaces.ts';
import { floatsOf } from '../../src/stores/embedded/index/state.ts';
import { aboutOf } from '../../src/stores/index/about.ts';
import { analyse, lengthOf } from '../../src/stores/index/analyser.ts';
import { contentOf, indexedText } from '../../src/stores/index/indexed-text.ts';
import type { Spoken } from '../../src/stores/index/language-of.ts';
import { spokenIn } from '../../src/stores/index/spoken.ts';

/** What a file holds of the index, once it has been found to be in order. */
export interface IndexSeen {
  readonly chunks: ReadonlySet<number>;
  /** All spaces, by their numbers. */
  readonly spaces: readonly Space[];
  /** The chunks with a vector that is searched. */
  readonly embedded: ReadonlySet<number>;
}

function session(db: DatabaseSync): Session {
  return { db, tick() {}, progress() {}, memory: new Map() };
}

function mustBeNone(db: DatabaseSync, what: string, sql: string): void {
  const rows = db.prepare(`${sql} LIMIT 3`).all();
  if (rows.length > 0) throw new Error(`${what}: ${JSON.stringify(rows)}`);
}

/** Documents, texts, chunks and the numbers of writes; foreign keys alone do not tell what is missing. */
function checkRows(db: DatabaseSync): void {
  mustBeNone(
    db,
    'a document with other chunks than it says',
    `SELECT id, chunks, (SELECT count(*) FROM index_chunks AS c WHERE c.document = d.document) AS found
      FROM index_documents AS d WHERE chunks <> found`,
  );
  mustBeNone(
    db,
    'a chunk without its document',
    'SELECT chunk FROM index_chunks WHERE document NOT IN (SELECT document FROM index_documents)',
  );
  mustBeNone(
    db,
    'a document without its text',
    'SELECT id FROM index_documents WHERE document NOT IN (SELECT document FROM index_texts)',
  );
  mustBeNone(
    db,
    'a chunk that is noted as removed',
    'SELECT chunk FROM index_removals JOIN index_chunks USING (chunk)',
  );
  for (const table of ['index_documents', 'index_removals', 'index_bits'])
    mustBeNone(
      db,
      `a row of ${table} from a write that was not counted`,
      `SELECT sequence FROM ${table} WHERE sequence > (SELECT sequence FROM index_state)`,
    );
}

/** The languages of the passages of each document, as when it was written. */
function spokenInDocuments(db: DatabaseSync): (document: unknown) => Spoken {
  const known = new Map<unknown, Spoken>();
  const metadata = db.prepare('SELECT metadata FROM index_documents WHERE document = ?');
  const chunks = db.prepare('SELECT text FROM index_chunks WHERE document = ? ORDER BY first_line, chunk');
  return (document) => {
    const number = Number(document);
    const before = known.get(number);
    if (before) return before;
    const texts = chunks.all(number).map((row) => String(row['text']));
    const spoken = spokenIn({
      metadata: JSON.parse(String(metadata.get(number)?.['metadata'])) as Record<string, unknown>,
      chunks: texts.map((text) => ({ id: '', heading: [], lines: [1, 1], text })),
    });
    known.set(number, spoken);
    return spoken;
  };
}

/** Every term of every chunk, as its postings must say. Returns the chunks. */
function checkPostings(db: DatabaseSync): Set<number> {
  const wanted = new Map<string, number>();
  const spokenBy = spokenInDocuments(db);
  const live = new Set<number>();
  /** Documents whose first chunk was seen: it has words of the whole document, too. */
  const begun = new Set<unknown>();
  for (const row of db
    .prepare(
      `SELECT chunk, document, index_documents.id AS id, metadata, title, heading, index_chunks.text AS text, length, content
        FROM index_chunks JOIN index_documents USING (document) ORDER BY document, first_line, chunk`,
    )
    .all()) {
    const chunk = Number(row['chunk']);
    live.add(chunk);
    const heading = JSON.parse(String(row['heading'])) as string[];
    const text = indexedText(String(row['title']), heading, String(row['text']));
    const spoken = spokenBy(row['document']);
    const own = analyse(text, spoken);
    const isFirst = !begun.has(row['document']);
    begun.add(row['document']);
    const [id, title] = [String(row['id']), String(row['title'])];
    const metadata = JSON.parse(String(row['metadata'])) as Record<string, unknown>;
    const terms = isFirst ? [...own, ...analyse(aboutOf({ id, title, metadata }), spoken)] : own;
    if (lengthOf(own) !== row['length']) throw new Error(`chunk ${chunk} has another length than it says`);
    if (Buffer.compare(contentOf(text), row['content'] as Uint8Array) !== 0)
      throw new Error(`chunk ${chunk} has another content than its hash says`);
    for (const term of terms) wanted.set(`${chunk} ${term}`, (wanted.get(`${chunk} ${term}`) ?? 0) + 1);
  }
  const rows = db.prepare(
    'SELECT segment, term, postings, first_chunk, last_chunk FROM index_postings LEFT JOIN index_segments USING (segment)',
  );
  for (const row of rows.iterate()) {
    if (row['first_chunk'] === null) throw new Error(`postings of a segment that is not there`);
    visitPostings(row['postings'] as Uint8Array, (chunk, count) => {
      if (chunk < Number(row['first_chunk']) || chunk > Number(row['last_chunk']))
        throw new Error(`segment ${row['segment']} has a posting of chunk ${chunk}, outside of it`);
      if (!live.has(chunk)) return;
      const posting = `${chunk} ${row['term']}`;
      if (wanted.get(posting) !== count) throw new Error(`the posting "${posting}" is wrong or there twice`);
      wanted.delete(posting);
    });
  }
  if (wanted.size > 0) throw new Error(`no posting for "${[...wanted.keys()].slice(0, 3).join('", "')}"`);
  mustBeNone(
    db,
    'segments that overlap',
    `SELECT a.segment FROM index_segments AS a JOIN index_segments AS b
      ON a.segment <> b.segment AND a.first_chunk <= b.last_chunk AND b.first_chunk <= a.last_chunk`,
  );
  return live;
}

/** @param bytes of the signs of one vector */
function wholePage(row: Parameters<typeof pageOf>[0], bytes: number): ReturnType<typeof pageOf> {
  const page = pageOf(row);
  if (page.chunks.length !== row['count'] || page.bits.length !== page.chunks.length * bytes)
    throw new Error(`a page of sign bits has another size than it says`);
  return page;
}

function isOf(bits: Uint8Array, vector: Float32Array, mean: Space['mean']): boolean {
  const signs = new Uint8Array(bits.length);
  writeSigns(vector, mean, signs, 0);
  return Buffer.compare(signs, bits) === 0;
}

/** The vectors of a space by their chunks, each found to have its sign bits, unless the space is being deleted. */
function checkSpace(db: DatabaseSync, space: Space): Map<number, Float32Array> {
  const { dimensions, mean, state, dead } = space;
  const vectors = new Map<number, Float32Array>();
  const rows = db.prepare('SELECT key, vector FROM index_vectors WHERE key BETWEEN ? AND ?');
  const first = vectorKey(space.space, 0);
  for (const row of rows.all(first, vectorKey(space.space + 1, -1))) {
    const vector = floatsOf(row['vector'] as Uint8Array);
    if (vector.length !== dimensions) throw new Error(`a vector of ${vector.length} in ${space.fingerprint}`);
    vectors.set(Number(row['key']) - first, vector);
  }
  if (state === 'retired') return vectors;
  const without = new Set(vectors.keys());
  let gone = 0;
  for (const row of db.prepare('SELECT * FROM index_bits WHERE space = ?').all(space.space)) {
    const bytes = bytesOfSigns(dimensions);
    const { chunks, bits } = wholePage(row, bytes);
    for (const [i, chunk] of chunks.entries()) {
      const vector = vectors.get(chunk);
      if (!vector) gone++;
      else if (!without.delete(chunk)) throw new Error(`chunk ${chunk} has sign bits twice`);
      else if (!isOf(bits.subarray(i * bytes, (i + 1) * bytes), vector, mean))
        throw new Error(`the sign bits of chunk ${chunk} are not those of its vector`);
    }
  }
  if (without.size > 0) throw new Error(`${without.size} vectors without sign bits`);
  if (gone !== dead) throw new Error(`${gone} sign bits of chunks that have gone, ${dead} counted`);
  return vectors;
}

/**
 * Whether everything that is kept beside the chunks of a file agrees with them: documents, postings, vectors
 * and sign bits of all spaces, and which chunks count as embedded.
 * @throws Error saying what does not
 */
export function checkIndex(db: DatabaseSync): IndexSeen {
  // One snapshot, although other processes may be at work.
  db.exec('BEGIN');
  checkRows(db);
  const chunks = checkPostings(db);
  const spaces = allSpaces(session(db));
  const numbers = spaces.map(({ space }) => space).join();
  mustBeNone(
    db,
    'a vector of no space',
    `SELECT key FROM index_vectors WHERE (key >> 32) NOT IN (${numbers})`,
  );
  mustBeNone(
    db,
    'a vector of a chunk that has gone',
    'SELECT key FROM index_vectors WHERE (key & 4294967295) NOT IN (SELECT chunk FROM index_chunks)',
  );
  mustBeNone(db, 'sign bits of no space', `SELECT page FROM index_bits WHERE space NOT IN (${numbers})`);
  const serving = new Set<number>();
  for (const space of spaces) {
    const vectors = checkSpace(db, space);
    if (space.state === 'serving') for (const chunk of vectors.keys()) serving.add(chunk);
  }
  const marked = db.prepare('SELECT chunk FROM index_chunks WHERE embedded = 1').all();
  const wrong = marked.filter((row) => !serving.has(Number(row['chunk']))).length;
  if (wrong > 0 || marked.length !== serving.size)
    throw new Error(
      `${marked.length} chunks count as embedded (${wrong} are not), ${serving.size} have a vector`,
    );
  db.exec('COMMIT');
  return { chunks, spaces, embedded: serving };
}
