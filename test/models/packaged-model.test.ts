import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pipeline } from '@huggingface/transformers';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../models/hydrogen-embed-small-en', import.meta.url));
/** Texts with the first numbers of the vectors that the Python runtime gave for them (`models/make/vectors.py`). */
const fixed = JSON.parse(readFileSync(new URL('./fixed-vectors.json', import.meta.url), 'utf8')) as {
  text: string;
  vector: number[];
}[];

test('the packaged model is at most 10 MB', () => {
  expect(statSync(`${folder}/onnx/model_quantized.onnx`).size).toBeLessThanOrEqual(10_000_000);
});

test('transformers.js loads the packaged model and gives the vectors that Python gives', async () => {
  const embed = await pipeline('feature-extraction', folder, { dtype: 'q8' });
  const texts = fixed.map(({ text }) => text);

  for (const [i, text] of texts.entries()) {
    const { data, dims } = await embed(text, { pooling: 'mean', normalize: true });
    const expected = fixed[i]?.vector ?? [];
    const cosine = expected.reduce((sum, value, j) => sum + value * Number(data[j]), 0);
    expect(dims).toEqual([1, expected.length]);
    // Processors without VNNI round the int8 products otherwise.
    expect(cosine, text).toBeGreaterThan(0.995);
  }
  await embed.dispose();
});
