import type { Call } from '../../../call.ts';
import { saysNothing } from '../../../embeddings/scripts.ts';
import type { Embedder } from '../../../embeddings/types.ts';
import type { PendingChunk } from '../../../stores/index/types.ts';

/** The vectors of some chunks, and the numbers of those that the model does not know. */
export interface MadeVectors {
  readonly rows: readonly { readonly chunk: number; readonly vector: Float32Array }[];
  readonly unknown: readonly number[];
}

/** @param embedder whose model is loaded */
export async function makeVectors(
  chunks: readonly PendingChunk[],
  embedder: Embedder,
  call: Call,
): Promise<MadeVectors> {
  const known = chunks.filter(({ text }) => embedder.knows(text));
  const texts = known.map(({ text }) => text);
  const vectors = texts.length === 0 ? [] : await embedder.embed(texts, 'passage', call);
  const rows = known.flatMap(({ chunk }, i) => {
    const vector = vectors[i];
    return vector && !saysNothing(vector) ? [{ chunk, vector }] : [];
  });
  const made = new Set(rows.map(({ chunk }) => chunk));
  return { rows, unknown: chunks.map(({ chunk }) => chunk).filter((chunk) => !made.has(chunk)) };
}
