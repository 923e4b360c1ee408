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
  const vectors = await embedTexts(extract, ['∑∫∂ ∮∯∰ tank', 'a tank'], { pooling: 'mean' });

  const dimensions = vectors.length / 2;
  expect(vectors.subarray(0, dimensions).every((value) => value === 0)).toBe(true);
  expect(vectors.subarray(dimensions).some((value) => value !== 0)).toBe(true);
});

test.each(['mean', 'cls'] as const)('vectors by %s are those of the pipeline', async (pooling) => {
  const expected = await extract([...texts], { pooling, normalize: true });

  const vectors = await embedTexts(extract, texts, { pooling });

  const differences = Array.from(expected.data as Float32Array, (value, i) =>
    Math.abs(value - (vectors[i] ?? Number.NaN)),
  );
  expect(vectors).toHaveLength(expected.data.length);
  expect(Math.max(...differences)).toBeLessThan(1e-6);
});

/** Token vectors that say their place, of two texts of which the first is shorter, filled up before or behind. */
function places(mask: readonly bigint[]): FeatureExtractionPipeline {
  const tokens = mask.length;
  const tensor = (data: unknown, dims: readonly number[]) => ({ data, dims, dispose() {} });
  const input = tensor(BigInt64Array.from(mask), [1, tokens]);
  const states = Float32Array.from(
    mask.flatMap((_, i) => (i === 0 ? [1, 0, 0] : i === tokens - 1 ? [0, 0, 1] : [0, 1, 0])),
  );
  return {
    tokenizer: Object.assign(() => ({ input_ids: input, attention_mask: input }), {
      get_vocab: () => new Map(),
    }),
    model: async () => ({ last_hidden_state: tensor(states, [1, tokens, 3]) }),
  } as unknown as FeatureExtractionPipeline;
}

test.each([
  ['the last token of a text that is filled up before it', [0n, 1n, 1n], [0, 0, 1]],
  ['the last token of a text that is filled up behind it', [1n, 1n, 0n], [0, 1, 0]],
] as const)('a model of the last token takes %s', async (_, mask, expected) => {
  expect([...(await embedTexts(places(mask), ['x'], { pooling: 'last' }))]).toEqual(expected);
});

test('a layer norm takes the mean of the dimensions away before the length is made 1', async () => {
  const vector = await embedTexts(places([1n, 1n, 1n]), ['x'], { pooling: 'cls', layerNorm: true });
  expect(vector.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0);
  expect(Math.hypot(...vector)).toBeCloseTo(1);
});
