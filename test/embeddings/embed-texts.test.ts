import { fileURLToPath } from 'node:url';
import { type FeatureExtractionPipeline, pipeline } from '@huggingface/transformers';
import { beforeAll, expect, test } from 'vitest';
import { embedTexts } from '../../src/embeddings/embed-texts.ts';

const folder = fileURLToPath(new URL('../../models/hydrogen-embed-small-en', import.meta.url));
/** Of different lengths, so that the shorter ones are padded. */
const texts = ['hydrogen', 'The tank is made of steel and filled once a day.', 'a valve'];

let extract: FeatureExtractionPipeline;

beforeAll(async () => {
  extract = await pipeline('feature-extraction', folder, {
    dtype: 'q8',
    session_options: { intraOpNumThreads: 1 },
  });
});

test('a text of which the tokenizer does not know most has a vector of zeros', async () => {
  const vectors = await embedTexts(extract, ['∑∫∂ ∮∯∰ tank', 'a tank'], 'mean');

  const dimensions = vectors.length / 2;
  expect(vectors.subarray(0, dimensions).every((value) => value === 0)).toBe(true);
  expect(vectors.subarray(dimensions).some((value) => value !== 0)).toBe(true);
});

test.each(['mean', 'cls'] as const)('vectors by %s are those of the pipeline', async (pooling) => {
  const expected = await extract([...texts], { pooling, normalize: true });

  const vectors = await embedTexts(extract, texts, pooling);

  const differences = Array.from(expected.data as Float32Array, (value, i) =>
    Math.abs(value - (vectors[i] ?? Number.NaN)),
  );
  expect(vectors).toHaveLength(expected.data.length);
  expect(Math.max(...differences)).toBeLessThan(1e-6);
});
