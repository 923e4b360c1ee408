import { expect, test } from 'vitest';
import type { EmbeddedIndex } from '../../../src/stores/embedded/index/search-index.ts';
import type { VectorSpace } from '../../../src/stores/index/types.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { byMeaning } from '../ports.ts';
import { documentOf, openIndex } from './support.ts';

const space: VectorSpace = { fingerprint: 'test@1', dimensions: 4 };

/** Gives every pending chunk the vector that `vectorOf` makes from its text. */
async function embed(
  index: EmbeddedIndex,
  vectorOf: (text: string) => number[],
  of = space,
): Promise<number> {
  const { chunks } = await index.pending(1_000, testCall());
  const vectors = chunks.map(({ chunk, text }) => ({ chunk, vector: Float32Array.from(vectorOf(text)) }));
  return index.saveVectors(of, vectors, testCall());
}

async function nearest(index: EmbeddedIndex, vector: number[], of = space): Promise<string[]> {
  const found = await byMeaning(index, { values: Float32Array.from(vector), space: of });
  const passages = await index.fetch(
    found.map(({ chunk }) => chunk),
    testCall(),
  );
  return passages.map(({ document }) => document);
}

const axes: Record<string, number[]> = { x: [1, 0, 0, 0], y: [0, 1, 0, 0], z: [0, 0, 1, 0] };
const byName = (text: string): number[] => axes[text] ?? [0, 0, 0, 1];

test('the nearest passages come first', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x'), documentOf('y', 'y'), documentOf('z', 'z')], testCall());
  await embed(index, byName);

  expect(await nearest(index, [0.1, 0.9, 0.2, 0])).toEqual(['y', 'z', 'x']);
});

test('vectors of two models are never mixed', async () => {
  const index = await openIndex();
  const other = { fingerprint: 'other@1', dimensions: 4 };
  await index.upsert([documentOf('x', 'x')], testCall());
  await embed(index, byName);
  await index.upsert([documentOf('y', 'y')], testCall());

  await expect(embed(index, byName, other)).rejects.toMatchObject({ code: 'conflict' });
  expect(await nearest(index, [1, 0, 0, 0], other)).toEqual([]);
});

const other: VectorSpace = { fingerprint: 'other@1', dimensions: 2 };

/** Makes the other space's vectors of all chunks that lack one. */
async function build(index: EmbeddedIndex, limit = 1_000): Promise<void> {
  const vectorOf = (text: string) => Float32Array.from(text === 'x' ? [1, 0] : [0, 1]);
  const chunks = await index.unbuilt(0, limit, testCall());
  const vectors = chunks.map(({ chunk, text }) => ({ chunk, vector: vectorOf(text) }));
  await index.buildVectors(other, vectors, testCall());
}

test('vectors of another model are made beside those that serve until they take over', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x'), documentOf('y', 'y')], testCall());
  await embed(index, byName);

  await index.build(other, testCall());
  await build(index);
  expect(await nearest(index, [1, 0, 0, 0])).toEqual(['x', 'y']);
  await index.switchSpace(other, testCall());

  expect(await nearest(index, [0, 1], other)).toEqual(['y', 'x']);
  expect(await nearest(index, [1, 0, 0, 0])).toEqual([]);
  expect(await index.stats(testCall())).toMatchObject({ embedded: 2, space: other });
});

test('what was built of a new index is not built again after an interruption', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x'), documentOf('y', 'y'), documentOf('z', 'z')], testCall());
  await embed(index, byName);
  await index.build(other, testCall());
  await build(index, 2);

  await index.build(other, testCall());

  expect(await index.unbuilt(0, 10, testCall())).toMatchObject([{ text: 'z' }]);
});

test('a passage that comes while a new index is built waits for its vector after the switch', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x')], testCall());
  await embed(index, byName);
  await index.build(other, testCall());
  await build(index);
  await index.upsert([documentOf('y', 'y')], testCall());
  await embed(index, byName);

  await index.switchSpace(other, testCall());

  expect(await index.stats(testCall())).toMatchObject({ chunks: 2, embedded: 1 });
  expect((await index.pending(10, testCall())).chunks).toMatchObject([{ text: 'y' }]);
});

test('a text that has a vector already, in another document, is not embedded again', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x')], testCall());
  await embed(index, byName);

  await index.upsert([documentOf('moved/x', 'x')], testCall());
  await index.remove(['x'], testCall());

  expect((await index.pending(10, testCall())).total).toBe(0);
  expect(await nearest(index, [1, 0, 0, 0])).toEqual(['moved/x']);
});

test('a vector is made once for all passages with the same text', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('a', 'x'), documentOf('b', 'x')], testCall());
  const { chunks } = await index.pending(1, testCall());
  const vectors = chunks.map(({ chunk }) => ({ chunk, vector: Float32Array.from([1, 0, 0, 0]) }));

  expect(await index.saveVectors(space, vectors, testCall())).toBe(2);
  expect((await index.pending(10, testCall())).total).toBe(0);
});

test('passages are scored by words and by meaning, those that are named and the nearest', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x'), documentOf('y', 'y'), documentOf('z', 'z')], testCall());
  await embed(index, byName);
  const words = { words: 'z', phrases: [], prefixes: [] };
  const vector = Promise.resolve({ values: Float32Array.from([0, 1, 0, 0]), space });
  const wanted = { words, byWords: 1, scoredWords: words, vector, byMeaning: 0, selection: {} };

  const named = await index.candidates(wanted, testCall());
  const both = await index.candidates({ ...wanted, byMeaning: 1 }, testCall());

  const [z] = named.byWords;
  expect(named).toMatchObject({
    scored: [{ chunk: z?.chunk, keywords: z?.score, cosine: 0 }],
    nearest: [],
  });
  // It stands in 1 of 3: idf = ln(1 + (3 - 1 + .5) / (1 + .5)).
  expect(named.fullKeywords).toBeCloseTo(Math.log(1 + 2.5 / 1.5), 12);
  expect(both.nearest).toEqual([{ chunk: 2, score: 1 }]);
  expect(both.scored).toEqual([...named.scored, { chunk: 2, keywords: 0, cosine: 1 }]);
});

test('vectors are centred on the mean once there are twenty', async () => {
  const index = await openIndex();
  const documents = Array.from({ length: 20 }, (_, i) => documentOf(`d${i}`, `${i}`));
  await index.upsert(documents, testCall());
  // All lie close to the first axis; around their mean they point in opposite directions.
  await embed(index, (text) => [1, Number(text) % 2 === 0 ? 0.1 : -0.1, 0, 0]);

  const found = await byMeaning(index, { values: Float32Array.from([1, 0.1, 0, 0]), space }, { limit: 20 });

  expect(found[0]?.score).toBeCloseTo(1, 4);
  expect(found.at(-1)?.score).toBeCloseTo(-1, 4);
});

test('another process’s vectors and removals are seen by the next search', async () => {
  const directory = await temporaryDirectory();
  const [here, there] = [await openIndex(directory), await openIndex(directory)];
  await here.upsert([documentOf('x', 'x'), documentOf('y', 'y')], testCall());
  await embed(here, byName);
  expect(await nearest(here, [1, 0.5, 0.2, 0])).toEqual(['x', 'y']);

  await there.remove(['x'], testCall());
  await there.upsert([documentOf('z', 'z')], testCall());
  await embed(there, byName);

  expect(await nearest(here, [1, 0.5, 0.2, 0])).toEqual(['y', 'z']);
});

test('a passage that went while its vector was made gets none', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('x', 'x')], testCall());
  const { chunks } = await index.pending(1, testCall());
  await index.remove(['x'], testCall());

  const vectors = chunks.map(({ chunk }) => ({ chunk, vector: Float32Array.from([1, 0, 0, 0]) }));

  expect(await index.saveVectors(space, vectors, testCall())).toBe(0);
});
