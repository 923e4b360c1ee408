import { HydrogenError } from '../../../errors.ts';
import type { Session } from '../../sqlite/operation.ts';
import { indexedText } from '../indexed-text.ts';
import type { Lease, PendingChunk, VectorSpace } from '../types.ts';
import { blobOf, floatsOf, nextSequence, readState } from './state.ts';

/** A lease that its process does not renew ends after this time, in ms. */
const leaseMs = 30_000;

/** Vectors a mean is made of: at least, and when more are still to come. */
const meanOfAtLeast = 20;
const meanWhilePending = 256;
/** A mean of fewer vectors than this is made anew once there are `meanGrowth` times as many. */
const meanIsGood = 1_000;
const meanGrowth = 8;
const meanOfAtMost = 2_000;

function count({ db }: Session, what: string): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM ${what}`).get()?.['n'] ?? 0);
}

/** Whether the process that holds a lease may still be at work on it. */
function isHeld(row: Record<string, unknown>, { host }: Lease): boolean {
  if (row['lease_owner'] === null || Number(row['lease_until']) < Date.now()) return false;
  if (row['lease_host'] !== host) return true;
  try {
    process.kill(Number(row['lease_pid']), 0);
    return true;
  } catch (error) {
    // No such process: it died with the lease. Not permitted: it lives and belongs to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Freezes the mean that vectors are centred on (ARCHITECTURE.md, Search). It starts a generation,
 * because every centred vector changes; the vectors in the file stay as the model made them.
 */
function freezeMean(session: Session, dimensions: number): void {
  const { mean_of: meanOf } = readState(session);
  const vectors = count(session, 'index_vectors');
  const complete = count(session, 'index_chunks WHERE embedded = 0') === 0;
  const enough = meanOf === 0 ? meanOfAtLeast : meanOf < meanIsGood ? meanOf * meanGrowth : Infinity;
  if (vectors < (complete ? enough : Math.max(enough, meanWhilePending))) return;
  const sum = new Float64Array(dimensions);
  const rows = session.db
    .prepare('SELECT vector FROM index_vectors ORDER BY sequence, chunk LIMIT ?')
    .all(meanOfAtMost);
  for (const row of rows) {
    session.tick();
    const vector = floatsOf(row['vector'] as Uint8Array);
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0);
  }
  const mean = Float32Array.from(sum, (value) => value / rows.length);
  session.db
    .prepare('UPDATE index_state SET mean = ?, mean_of = ?, generation = generation + 1')
    .run(blobOf(mean), rows.length);
}

function adopt(session: Session, { fingerprint, dimensions }: VectorSpace): void {
  if (readState(session).fingerprint === fingerprint) return;
  if (count(session, 'index_vectors') > 0) {
    throw new HydrogenError(
      'conflict',
      'Another process has filled the index with vectors of another embedding model: use the same embeddingModel everywhere, or run `hydrogen ingest --reembed`.',
    );
  }
  session.db
    .prepare(
      'UPDATE index_state SET fingerprint = ?, dimensions = ?, mean = NULL, mean_of = 0, generation = generation + 1',
    )
    .run(fingerprint, dimensions);
}

export const vectorOperations = {
  'index.pending': (
    session: Session,
    { limit }: { limit: number },
  ): { chunks: PendingChunk[]; total: number } => {
    // In the order of chunk ids, which are hashes: the first vectors, of which the mean is made, are a
    // sample of all documents.
    const rows = session.db
      .prepare(
        `SELECT chunk, title, heading, text FROM index_chunks JOIN index_documents USING (document)
          WHERE embedded = 0 ORDER BY index_chunks.id LIMIT ?`,
      )
      .all(limit);
    const chunks = rows.map((row) => ({
      chunk: Number(row['chunk']),
      text: indexedText(
        String(row['title']),
        JSON.parse(String(row['heading'])) as string[],
        String(row['text']),
      ),
    }));
    return { chunks, total: count(session, 'index_chunks WHERE embedded = 0') };
  },

  'index.claim': ({ db }: Session, { lease }: { lease: Lease }): boolean => {
    const row = db.prepare('SELECT lease_owner, lease_pid, lease_host, lease_until FROM index_state').get();
    if (row && row['lease_owner'] !== lease.owner && isHeld(row, lease)) return false;
    db.prepare('UPDATE index_state SET lease_owner = ?, lease_pid = ?, lease_host = ?, lease_until = ?').run(
      lease.owner,
      lease.pid,
      lease.host,
      Date.now() + leaseMs,
    );
    return true;
  },

  'index.release': ({ db }: Session, { lease }: { lease: Lease }): null => {
    db.prepare('UPDATE index_state SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?').run(
      lease.owner,
    );
    return null;
  },

  'index.saveVectors': (
    session: Session,
    {
      space,
      vectors,
      lease,
    }: {
      space: VectorSpace;
      vectors: readonly { readonly chunk: number; readonly vector: Float32Array }[];
      lease: Lease;
    },
  ): number => {
    const { db, tick } = session;
    adopt(session, space);
    const sequence = nextSequence(session);
    // A chunk may have gone meanwhile, or another process may have been faster.
    const mark = db.prepare('UPDATE index_chunks SET embedded = 1 WHERE chunk = ? AND embedded = 0');
    const insert = db.prepare('INSERT INTO index_vectors (chunk, sequence, vector) VALUES (?, ?, ?)');
    let saved = 0;
    for (const { chunk, vector } of vectors) {
      tick();
      if (Number(mark.run(chunk).changes) === 0) continue;
      insert.run(chunk, sequence, blobOf(vector));
      saved++;
    }
    freezeMean(session, space.dimensions);
    db.prepare('UPDATE index_state SET lease_until = ? WHERE lease_owner = ?').run(
      Date.now() + leaseMs,
      lease.owner,
    );
    return saved;
  },

  'index.clearVectors': (session: Session, _args: null): null => {
    const { db } = session;
    nextSequence(session);
    db.exec(`
      DELETE FROM index_vectors;
      UPDATE index_chunks SET embedded = 0 WHERE embedded = 1;
      UPDATE index_state SET fingerprint = NULL, dimensions = NULL, mean = NULL, mean_of = 0,
        generation = generation + 1;
    `);
    return null;
  },
};
