import type { Session } from '../../sqlite/operation.ts';
import type { BitCache } from './bit-cache.ts';
import { scanSigns, signTables } from './sign-bits.ts';

/** Rows between two looks at the call. */
const rowsPerTick = 16_384;

/** Chunks, and their scores by sign bits. */
interface Estimates {
  readonly chunks: Int32Array;
  readonly scores: Float32Array;
}

const key = 'index.estimates';

/** An array that is used again and again. */
function scoresFor({ memory }: Session, rows: number): Float32Array {
  const known = memory.get(key) as Float32Array | undefined;
  if (known && known.length >= rows) return known.subarray(0, rows);
  const fresh = new Float32Array(Math.ceil(rows * 1.1));
  memory.set(key, fresh);
  return fresh.subarray(0, rows);
}

function estimateAll(
  session: Session,
  { rows, chunks, signs, bytes }: BitCache,
  tables: Float32Array,
): Estimates {
  const scores = scoresFor(session, rows);
  for (let from = 0; from < rows; from += rowsPerTick) {
    session.tick();
    const to = Math.min(rows, from + rowsPerTick);
    scanSigns(tables, signs, { from, to, bytes }, scores.subarray(from, to));
  }
  return { chunks: chunks.subarray(0, rows), scores };
}

/**
 * Scores by sign bits of all rows, or of those that `allowed` keeps; one that is left out costs next to
 * nothing. Valid until the next call.
 * @param query centred, of length 1
 */
export function estimate(
  session: Session,
  cache: BitCache,
  query: Float32Array,
  allowed: Uint8Array | undefined,
): Estimates {
  const tables = signTables(query);
  if (allowed === undefined) return estimateAll(session, cache, tables);
  const { rows, chunks, signs, bytes } = cache;
  const scores = scoresFor(session, rows);
  const kept = new Int32Array(rows);
  const one = new Float32Array(1);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const chunk = chunks[row] as number;
    if (allowed[chunk] === 0) continue;
    session.tick();
    scanSigns(tables, signs, { from: row, to: row + 1, bytes }, one);
    scores[count] = one[0] as number;
    kept[count++] = chunk;
  }
  return { chunks: kept.subarray(0, count), scores: scores.subarray(0, count) };
}
