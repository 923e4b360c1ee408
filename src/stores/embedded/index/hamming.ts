import { hammingCode } from './hamming-code.ts';

/** Sign bits, row after row, in the memory of `hamming.wat`. */
export interface SignMemory {
  /** Makes room for this many bytes in total; existing content is preserved, in a new array. */
  reserve(bytes: number): Uint8Array;
  /**
   * Writes the number of bits in which each row from `from` to `to` (exclusive; at most `rowsAtOnce` rows) differs from
   * `query`, which has the length of a row: whole words of 4 bytes.
   */
  distances(query: Uint8Array, from: number, to: number, distances: Uint16Array): void;
}

type Distances = (query: number, row: number, rows: number, bytes: number, to: number) => void;

/** The first page of the memory: the query, then the results for the rows of one call. */
const pageBytes = 65_536;
const outAt = pageBytes / 2;
export const rowsAtOnce = (pageBytes - outAt) / Uint16Array.BYTES_PER_ELEMENT;

let compiled: WebAssembly.Module | undefined;

export function createSignMemory(): SignMemory {
  compiled ??= new WebAssembly.Module(Buffer.from(hammingCode, 'base64'));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(compiled, { index: { memory } });
  const count = exports['distances'] as Distances;
  return {
    reserve(bytes) {
      const missing = pageBytes + bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
      return new Uint8Array(memory.buffer, pageBytes);
    },
    distances(query, from, to, distances) {
      new Uint8Array(memory.buffer).set(query);
      count(0, pageBytes + from * query.length, to - from, query.length, outAt);
      distances.set(new Uint16Array(memory.buffer, outAt, to - from), from);
    },
  };
}

/** The rows with the smallest distances, at least `wanted` if there are so many, in row order. */
export function nearestRows(distances: Uint16Array, bits: number, wanted: number): Int32Array {
  const histogram = new Uint32Array(bits + 1);
  for (let row = 0; row < distances.length; row++) {
    const distance = distances[row] as number;
    histogram[distance] = (histogram[distance] as number) + 1;
  }
  let most = 0;
  let count = histogram[0] as number;
  while (count < wanted && most < bits) count += histogram[++most] as number;
  const rows = new Int32Array(count);
  let size = 0;
  for (let row = 0; row < distances.length; row++) {
    if ((distances[row] as number) <= most) rows[size++] = row;
  }
  return rows;
}
