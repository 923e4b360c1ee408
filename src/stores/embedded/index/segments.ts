import type { Session } from '../engine/session.ts';
import { encodePostings, type Postings, visitPostings } from './postings.ts';

interface Segment {
  readonly segment: number;
  readonly first_chunk: number;
  readonly last_chunk: number;
  readonly chunks: number;
  readonly removed: number;
}

/** Terms of the chunks of one write. Chunks must be added in ascending order. */
export interface SegmentBuilder {
  readonly add: (chunk: number, terms: readonly string[]) => void;
  readonly write: () => void;
}

/** Segments of similar size (within this factor) are merged when there are this many at the end. */
const fanOut = 8;
/** A segment with this many chunks is not merged further, so that no write takes long. */
const maxSegmentChunks = 16_384;

function postingsOf(terms: Map<string, Postings>, term: string): Postings {
  const known = terms.get(term);
  if (known) return known;
  const fresh: Postings = { chunks: [], counts: [] };
  terms.set(term, fresh);
  return fresh;
}

function insert(session: Session, chunks: readonly number[], terms: Map<string, Postings>): void {
  const { db, tick } = session;
  const [first, last] = [chunks[0], chunks.at(-1)];
  if (first === undefined || last === undefined) return;
  const { lastInsertRowid } = db
    .prepare('INSERT INTO index_segments (first_chunk, last_chunk, chunks) VALUES (?, ?, ?)')
    .run(first, last, chunks.length);
  const statement = db.prepare('INSERT INTO index_postings (segment, term, postings) VALUES (?, ?, ?)');
  for (const term of [...terms.keys()].sort()) {
    tick();
    statement.run(lastInsertRowid, term, encodePostings(postingsOf(terms, term)));
  }
}

/** Replaces adjacent segments, in order, by one without the removed chunks. */
function merge(session: Session, segments: readonly Segment[]): void {
  const { db, tick } = session;
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last) return;
  const live = db
    .prepare('SELECT chunk FROM index_chunks WHERE chunk BETWEEN ? AND ? ORDER BY chunk')
    .all(first.first_chunk, last.last_chunk)
    .map((row) => Number(row['chunk']));
  const isLive = new Set(live);
  const terms = new Map<string, Postings>();
  const read = db.prepare('SELECT term, postings FROM index_postings WHERE segment = ?');
  const forget = db.prepare('DELETE FROM index_postings WHERE segment = ?');
  const drop = db.prepare('DELETE FROM index_segments WHERE segment = ?');
  for (const { segment } of segments) {
    for (const row of read.iterate(segment)) {
      tick();
      const term = String(row['term']);
      visitPostings(row['postings'] as Uint8Array, (chunk, count) => {
        if (!isLive.has(chunk)) return;
        const postings = postingsOf(terms, term);
        postings.chunks.push(chunk);
        postings.counts.push(count);
      });
    }
    forget.run(segment);
    drop.run(segment);
  }
  insert(session, live, terms);
}

function levelOf({ chunks }: Segment): number {
  return Math.floor(Math.log(chunks) / Math.log(fanOut));
}

function allSegments({ db }: Session): Segment[] {
  return db
    .prepare(
      'SELECT segment, first_chunk, last_chunk, chunks, removed FROM index_segments ORDER BY first_chunk',
    )
    .all() as unknown as Segment[];
}

/**
 * Keeps the number of segments logarithmic: while the oldest of the newest `fanOut` is of no higher size class than the
 * last, they are merged. The chunk numbers of segments therefore never overlap.
 */
function mergeNewest(session: Session): void {
  for (;;) {
    const newest = allSegments(session).slice(-fanOut);
    const [first, last] = [newest[0], newest.at(-1)];
    const size = newest.reduce((sum, { chunks }) => sum + chunks, 0);
    if (!first || !last || newest.length < fanOut || size > maxSegmentChunks) return;
    if (levelOf(first) > levelOf(last)) return;
    merge(session, newest);
  }
}

/** Rewrites segments when more than half of their content has been removed. */
export function dropRemoved(session: Session, removed: readonly number[]): void {
  const { db, tick } = session;
  const count = db.prepare(
    'UPDATE index_segments SET removed = removed + 1 WHERE ? BETWEEN first_chunk AND last_chunk',
  );
  for (const chunk of removed) {
    tick();
    count.run(chunk);
  }
  for (const segment of allSegments(session)) {
    if (segment.removed * 2 > segment.chunks) merge(session, [segment]);
  }
}

export function segmentBuilder(session: Session): SegmentBuilder {
  const chunks: number[] = [];
  const terms = new Map<string, Postings>();
  return {
    add(chunk, found) {
      chunks.push(chunk);
      const counts = new Map<string, number>();
      for (const term of found) counts.set(term, (counts.get(term) ?? 0) + 1);
      for (const [term, count] of counts) {
        const postings = postingsOf(terms, term);
        postings.chunks.push(chunk);
        postings.counts.push(count);
      }
    },
    write() {
      insert(session, chunks, terms);
      mergeNewest(session);
    },
  };
}
