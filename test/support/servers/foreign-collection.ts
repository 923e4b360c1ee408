import { QdrantClient, type Schemas } from '@qdrant/js-client-rest';
import { onTestFinished } from 'vitest';
import { createEmbedder } from '../../../src/embeddings/embedder.ts';
import { packagedModel } from '../../../src/embeddings/models.ts';
import { createLog } from '../../../src/observability/log.ts';
import { endpointOf } from '../../../src/stores/qdrant/server.ts';
import { testCall } from '../call.ts';
import { qdrantSettings } from './qdrant.ts';

type Point = Schemas['PointStruct'];

/** A collection as another program makes and fills it, on the server of the tests; it is deleted after the test. */
export async function foreignCollection(
  vectors: Schemas['VectorsConfig'],
  points: readonly Point[],
): Promise<{ readonly url: string; readonly apiKey?: string; readonly collection: string }> {
  const { url, apiKey, collection } = await qdrantSettings();
  const client = new QdrantClient({
    ...endpointOf(url),
    ...(apiKey !== undefined && { headers: { 'api-key': apiKey } }),
    checkCompatibility: false,
  });
  await client.createCollection(collection, { vectors });
  for (let from = 0; from < points.length; from += 500) {
    await client.upsert(collection, { points: points.slice(from, from + 500), wait: true });
  }
  return { url, ...(apiKey !== undefined && { apiKey }), collection };
}

/** The vectors that the packaged model, or another one, makes of passages. */
export async function vectorsOf(
  texts: readonly string[],
  model: string = packagedModel,
): Promise<number[][]> {
  const embedder = createEmbedder({ model, cacheDirectory: '', timeoutMs: 5_000 }, createLog('silent'));
  onTestFinished(() => embedder.close());
  const vectors = await embedder.embed(texts, 'passage', testCall());
  return vectors.map((vector) => [...vector]);
}

/** A UUID for each number. */
export const uuidOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
