import type { Call } from '../../call.ts';
import { saysNothing } from '../../embeddings/scripts.ts';
import type { Embedder, EmbeddingSpace } from '../../embeddings/types.ts';
import { HydrogenError } from '../../errors.ts';

export type QueryEmbedding =
  | { readonly values: Float32Array; readonly space: EmbeddingSpace }
  /** Why there is no vector and what to do: a sentence or two. */
  | { readonly reason: string };

/**
 * How long a query waits for the model to load, in ms. Loading from disk takes about a second and never hangs, which
 * semantic results are worth; a download is not worth waiting for.
 */
const maxWaitMs = { disk: 5_000, download: 300 };
/** Share of the call's remaining time that this may take, leaving the rest for a keyword search. */
const shareOfCall = 0.5;
const pollMs = 25;

/** Embeds a query, unless the model is missing or still downloading. */
export async function queryVector(
  query: string,
  embedder: Embedder,
  call: Call,
  prefix?: string,
): Promise<QueryEmbedding> {
  if (embedder.status().state === 'off') {
    return { reason: 'The setting embeddingModel is "none".' };
  }
  const waiting = new AbortController();
  const signal = AbortSignal.any([call.signal, waiting.signal]);
  const startedAt = performance.now();
  const maxMs = (call.deadline - Date.now()) * shareOfCall;
  const timer = setInterval(() => {
    const { state, download } = embedder.status();
    const limit = Math.min(maxMs, download ? maxWaitMs.download : maxWaitMs.disk);
    if (state === 'loading' && performance.now() - startedAt > limit) waiting.abort();
  }, pollMs);
  try {
    const [values] = await embedder.embed([query], 'query', { ...call, signal }, prefix);
    const space = embedder.space();
    if (!embedder.knows(query) || (values && saysNothing(values))) {
      return {
        reason: `The embedding model "${embedder.name}" does not know the script of the question, so that meaning was not used: a multilingual embeddingModel does.`,
      };
    }
    return values && space ? { values, space } : { reason: 'The query has no vector.' };
  } catch (error) {
    if (waiting.signal.aborted && !call.signal.aborted) {
      const { download } = embedder.status();
      const what = download ? 'downloaded' : 'loaded';
      return {
        reason: `The embedding model "${embedder.name}" is still being ${what}. Ask again in a moment to find passages worded differently.`,
      };
    }
    if (!(error instanceof HydrogenError) || error.code !== 'unavailable') throw error;
    return { reason: error.message };
  } finally {
    clearInterval(timer);
  }
}
