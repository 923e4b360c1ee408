import type { FeatureExtractionPipeline, Tensor } from '@huggingface/transformers';
import type { ModelRequest, Pooling } from './messages.ts';

/** Sums the vectors of the counted tokens: the sum has the same direction as the mean. */
function sumTokens(states: Float32Array, counts: readonly boolean[], vector: Float32Array): void {
  for (const [token, isCounted] of counts.entries()) {
    if (!isCounted) continue;
    const at = token * vector.length;
    for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) + (states[at + i] as number);
  }
}

function scaleToLength1(vector: Float32Array): void {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += (vector[i] as number) ** 2;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * scale;
}

/** The tokens that a vector is made of. Whatever fills up a text may stand before it, or behind. */
function pooled(isText: readonly boolean[], pooling: Pooling): readonly boolean[] {
  if (pooling === 'mean') return isText;
  const at = pooling === 'cls' ? isText.indexOf(true) : isText.lastIndexOf(true);
  return isText.map((_, i) => i === at);
}

/** Layer normalisation, but for the deviation, since the length is made 1 after it. */
function toMean0(vector: Float32Array): void {
  const mean = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - mean;
}

/** The token for what a vocabulary does not have, in those that have one. */
function unknownTokenOf(tokenizer: FeatureExtractionPipeline['tokenizer']): bigint | undefined {
  const { unk_token: text } = tokenizer as unknown as { readonly unk_token?: unknown };
  const id = typeof text === 'string' ? tokenizer.get_vocab().get(text) : undefined;
  return id === undefined ? undefined : BigInt(id);
}

/** Before and after a text stands one that says so. */
const tokensAround = 2;

function isMostly(token: bigint, ids: BigInt64Array, isText: readonly boolean[]): boolean {
  const length = isText.filter(Boolean).length - tokensAround;
  const count = isText.filter((counts, i) => counts && ids[i] === token).length;
  return count > length / 2;
}

/**
 * The vectors of the texts, concatenated, each of length 1, or all 0 for a text of which the tokenizer does not know most. The pipeline's own pooling takes a fifth of the
 * total time: it walks the states with a BigInt for every token.
 */
export async function embedTexts(
  { tokenizer, model }: FeatureExtractionPipeline,
  texts: readonly string[],
  { pooling, layerNorm }: Pick<ModelRequest, 'pooling' | 'layerNorm'>,
): Promise<Float32Array<ArrayBuffer>> {
  const inputs: { input_ids: Tensor; attention_mask: Tensor } = tokenizer([...texts], {
    padding: true,
    truncation: true,
  });
  const outputs: Record<string, Tensor> = await model(inputs);
  const states = outputs['last_hidden_state'] ?? outputs['logits'] ?? outputs['token_embeddings'];
  const [, tokens = 0, dimensions = 0] = states?.dims ?? [];
  const values = states?.data;
  const mask = inputs.attention_mask.data as BigInt64Array;
  if (!(values instanceof Float32Array) || states?.dims.length !== 3) {
    const described = Object.entries(outputs).map(([name, { type, dims }]) => `${name} (${type}, ${dims})`);
    throw new Error(`the model returns no float32 token vectors, but ${described.join(', ')}`);
  }
  const vectors = new Float32Array(texts.length * dimensions);
  const ids = inputs.input_ids.data as BigInt64Array;
  const unknown = unknownTokenOf(tokenizer);
  for (let text = 0; text < texts.length; text++) {
    const first = text * tokens;
    const vector = vectors.subarray(text * dimensions, (text + 1) * dimensions);
    const isText = Array.from(mask.subarray(first, first + tokens), (bit) => bit !== 0n);
    if (unknown !== undefined && isMostly(unknown, ids.subarray(first, first + tokens), isText)) continue;
    sumTokens(values.subarray(first * dimensions), pooled(isText, pooling), vector);
    if (layerNorm) toMean0(vector);
    scaleToLength1(vector);
  }
  for (const output of Object.values(outputs)) output.dispose();
  return vectors;
}
