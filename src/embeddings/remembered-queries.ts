import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { Cache, CacheKey } from '../stores/cache/cache.ts';
import type { Embedder } from './types.ts';

/** Searches are repeated within minutes: for the next page, with another filter, by the next node. */
const defaultTtlMs = 300_000;
/** The model takes 5 to 20 ms for a question: a cache that is slower is not waited for, ms. */
const patienceMs = 100;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A copy, since the cache keeps its own, and floats begin at multiples of four. */
const vectorOf = (bytes: Uint8Array): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);

/**
 * The same embedder, which remembers the vectors of questions, for all that share the cache. Of a question the cache
 * has a digest only.
 */
export function rememberQueries(embedder: Embedder, cache: Cache, ttlMs = defaultTtlMs): Embedder {
  async function vectorOfQuery(
    text: string,
    prefix: string | undefined,
    call: Call,
  ): Promise<Float32Array | undefined> {
    // Which model it is is known once it is loaded.
    const space = embedder.space();
    if (!space) return undefined;
    const parts = [space.fingerprint, text, ...(prefix === undefined ? [] : [prefix])];
    const key: CacheKey = { kind: 'query-vector', parts, tags: [] };
    const { value } = await cache.remember(
      key,
      { ttlMs, patienceMs },
      async (inner) => {
        const [vector] = await embedder.embed([text], 'query', inner, prefix);
        const now = embedder.space()?.fingerprint;
        // Not to be kept: the model that made it is another one.
        if (!vector || now !== space.fingerprint) throw anotherModel();
        return bytesOf(vector);
      },
      call,
    );
    return value.byteLength === space.dimensions * Float32Array.BYTES_PER_ELEMENT
      ? vectorOf(value)
      : undefined;
  }
  return {
    ...embedder,
    async embed(texts, kind, call, prefix) {
      const [text] = texts;
      if (kind !== 'query' || text === undefined || texts.length > 1)
        return embedder.embed(texts, kind, call, prefix);
      try {
        const vector = await vectorOfQuery(text, prefix, call);
        if (vector) return [vector];
      } catch (error) {
        if (!(error instanceof HydrogenError) || error.code !== 'conflict') throw error;
      }
      return embedder.embed(texts, kind, call, prefix);
    },
  };
}

const anotherModel = (): HydrogenError =>
  new HydrogenError('conflict', 'The embedding model was exchanged while a question was embedded.');
