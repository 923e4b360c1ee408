import { expect, test } from 'vitest';
import { compiledHamming } from '../../../../scripts/wasm/compile.ts';
import { createSignMemory, nearestRows, rowsAtOnce } from '../../../../src/stores/embedded/index/hamming.ts';
import { hammingCode } from '../../../../src/stores/embedded/index/hamming-code.ts';

const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.buffer);

/** Words of random bits, the same at every run. */
function wordsOf(count: number, seed: number): Int32Array {
  let state = seed;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state ^ (state << 13);
  });
}

const countedOneByOne = (a: Int32Array, b: Int32Array): number =>
  a.reduce((sum, word, i) => {
    let bits = word ^ (b[i] ?? 0);
    let count = 0;
    for (; bits !== 0; bits &= bits - 1) count++;
    return sum + count;
  }, 0);

test.each([32, 96, 128, 384, 416, 768, 1_024])(
  'rows of %i bits differ in as many bits as counted',
  (bits) => {
    const words = bits / 32;
    const query = wordsOf(words, 7);
    const opposite = query.map((word) => ~word);
    const signs = Int32Array.from([...query, ...opposite, ...wordsOf(words * 30, 11)]);
    const distances = new Uint16Array(32);
    const memory = createSignMemory();
    memory.reserve(signs.byteLength).set(bytesOf(signs));

    memory.distances(bytesOf(query), 0, 20, distances);
    memory.distances(bytesOf(query), 20, 32, distances);

    const expected = Array.from({ length: 32 }, (_, row) =>
      countedOneByOne(query, signs.subarray(row * words, (row + 1) * words)),
    );
    expect([...distances]).toEqual(expected);
    expect([...distances.subarray(0, 2)]).toEqual([0, bits]);
  },
);

test('the rows at the smallest distances are kept, with all that are as far as the last', () => {
  expect([...nearestRows(Uint16Array.from([5, 3, 9, 3, 5]), 32, 1)]).toEqual([1, 3]);
  expect([...nearestRows(Uint16Array.from([5, 3, 9, 3, 5]), 32, 3)]).toEqual([0, 1, 3, 4]);
  expect([...nearestRows(Uint16Array.from([5, 3]), 32, 10)]).toEqual([0, 1]);
});

test('bits stay where they are when there is room for more', () => {
  const memory = createSignMemory();
  memory.reserve(4).set([1, 2, 3, 4]);

  const signs = memory.reserve(1_000_000);

  expect([...signs.subarray(0, 5)]).toEqual([1, 2, 3, 4, 0]);
  expect(signs.length).toBeGreaterThanOrEqual(1_000_000);
});

test('as many rows as are counted at once have room for their distances', () => {
  const memory = createSignMemory();
  memory.reserve(4 * rowsAtOnce).fill(0xff);
  const distances = new Uint16Array(rowsAtOnce);

  memory.distances(new Uint8Array(4), 0, rowsAtOnce, distances);

  expect(distances.every((distance) => distance === 32)).toBe(true);
});

test('the code is what the source says', async () => {
  expect(hammingCode).toBe(await compiledHamming());
});
