import { expect, test } from 'vitest';
import type { EmbeddedIndex } from '../../../../src/stores/embedded/index/search-index.ts';
import type { VectorSpace } from '../../../../src/stores/index/types.ts';
import { testCall } from '../../../support/call.ts';
import { documentOf, openIndex } from '../../index/support.ts';
import { byMeaning } from '../../ports.ts';

const space: VectorSpace = { fingerprint: 'test@1', dimensions: 64 };
/** More passages than the float query looks at. */
const many = 4_500;

const manyTexts = (): string[] => Array.from({ length: many }, (_, i) => `p${i}`);

/** Components between -1 and 1 that are the same for the same seed. */
const vectorOf = (seed: number): Float32Array =>
  Float32Array.from({ length: space.dimensions }, (_, i) => Math.sin((seed + 1) * (i + 1) * 12.9898));

async function embed(index: EmbeddedIndex, of: (text: string) => Float32Array): Promise<void> {
  const { chunks } = await index.pending(2 * many, testCall());
  const vectors = chunks.map(({ chunk, text }) => ({ chunk, vector: of(text.trim()) }));
  await index.saveVectors(space, vectors, testCall());
}

test('the nearest is found among more passages than the float query looks at', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('many', ...manyTexts()), documentOf('wanted', 'wanted')], testCall());
  await embed(index, (text) => vectorOf(text === 'wanted' ? 99_999 : Number(text.slice(1))));

  const query = { values: vectorOf(99_999).map((value, i) => value + 0.3 * Math.sin(i)), space };
  const [first] = await byMeaning(index, query, { limit: 10 });

  const passages = await index.fetch(first ? [first.chunk] : [], testCall());
  expect(passages.map(({ document }) => document)).toEqual(['wanted']);
});

test('a document with very many passages still has neighbours', async () => {
  const index = await openIndex();
  await index.upsert([documentOf('many', ...manyTexts()), documentOf('other', 'other')], testCall());
  const near = vectorOf(1);
  const far = near.map((value) => -value);
  await embed(index, (text) => (text === 'other' ? far : near));

  const found = await index.similar('many', {}, 5, testCall());

  expect(found?.map(({ document }) => document)).toEqual(['other']);
});
