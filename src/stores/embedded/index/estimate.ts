import type { Session } from '../engine/session.ts';
import type { BitCache } from './bit-cache.ts';
import { nearestRows, rowsAtOnce } from './hamming.ts';
import { scanSigns, signTables, writeSigns } from './sign-bits.ts';

/** Rows between two checks of the call. */
const rowsPerTick = 16_384;
/** How many rows the comparison of bits with bits leaves for the float query: a share, with a minimum. */
const shortlist = { share: 1 / 32, min: 4_000 };

/** Chunks, and their scores by sign bits. */
interface Estimates {
  readonly chunks: Int32Array;
  readonly scores: Float32Array;
}

const key = 'index.distances';

/** A reused array: at a million rows it takes 2 MB. */
function distancesFor({ memory }: Session, rows: number): Uint16Array {
  const known = memory.get(key) as Uint16Array | undefined;
  if (known && known.length >= rows) return known.subarray(0, rows);
  const fresh = new Uint16Array(Math.ceil(rows * 1.1));
  memory.set(key, fresh);
  return fresh.subarray(0, rows);
}

/**
 * The rows whose signs differ least from the query's. Comparing bits with bits takes a tenth of the time of the float
 * query against bits, and loses next to nothing at this length: recall@10 of exact is .996 with 2 % of 40,000 centred
 * MiniLM vectors.
 */
function shortlisted(
  session: Session,
  { rows, bytes, memory }: BitCache,
  query: Float32Array,
  wanted: number,
): Int32Array {
  const signs = new Uint8Array(bytes);
  writeSigns(query, undefined, signs, 0);
  const distances = distancesFor(session, rows);
  for (let from = 0; from < rows; from += rowsAtOnce) {
    session.tick();
    memory.distances(signs, from, Math.min(rows, from + rowsAtOnce), distances);
  }
  return nearestRows(distances, bytes * 8, wanted);
}

function allowedRows({ rows, chunks }: BitCache, allowed: Uint8Array): Int32Array {
  let count = 0;
  for (let row = 0; row < rows; row++) count += allowed[chunks[row] as number] as number;
  const selected = new Int32Array(count);
  count = 0;
  for (let row = 0; row < rows; row++) if (allowed[chunks[row] as number] !== 0) selected[count++] = row;
  return selected;
}

function allRows(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row);
}

/**
 * Scores by sign bits of the rows that may be near, or of those allowed by `allowed`; skipping one costs next to
 * nothing.
 * @param query centred, of length 1
 * @param min how many to score at least, if there are so many
 */
export function estimate(
  session: Session,
  cache: BitCache,
  query: Float32Array,
  allowed: Uint8Array | undefined,
  min: number,
): Estimates {
  const { rows, chunks, signs, bytes } = cache;
  const wanted = Math.max(min, shortlist.min, Math.ceil(rows * shortlist.share));
  const selected = allowed
    ? allowedRows(cache, allowed)
    : rows > wanted
      ? shortlisted(session, cache, query, wanted)
      : allRows(rows);
  const scores = new Float32Array(selected.length);
  const tables = signTables(query);
  for (let from = 0; from < selected.length; from += rowsPerTick) {
    session.tick();
    scanSigns(
      tables,
      signs,
      { rows: selected, from, to: Math.min(selected.length, from + rowsPerTick), bytes },
      scores,
    );
  }
  return { chunks: selected.map((row) => chunks[row] as number), scores };
}
