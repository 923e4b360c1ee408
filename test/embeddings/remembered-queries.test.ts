import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import { rememberQueries } from '../../src/embeddings/remembered-queries.ts';
import type { Embedder } from '../../src/embeddings/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { createMemoryCache } from '../../src/stores/cache/memory.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

/** The packaged model, and the texts that it was given. */
async function embedder() {
  const cacheDirectory = join(await temporaryDirectory(), 'models');
  const model = createEmbedder(
    { model: packagedModel, cacheDirectory, timeoutMs: 5_000 },
    createLog('silent'),
  );
  onTestFinished(() => model.close());
  const texts: string[] = [];
  const watched: Embedder = {
    ...model,
    embed(asked, kind, call) {
      texts.push(...asked);
      return model.embed(asked, kind, call);
    },
  };
  return { model: watched, texts };
}

test('the same question is embedded once, and has the same vector for all who share the cache', async () => {
  const { model, texts } = await embedder();
  const cache = createMemoryCache();
  const [one, two] = [rememberQueries(model, cache), rememberQueries(model, cache)];
  await model.ready(testCall());
  const [first] = await one.embed(['how are cells cooled'], 'query', testCall());
  const [second] = await two.embed(['how are cells cooled'], 'query', testCall());
  expect(texts).toEqual(['how are cells cooled']);
  expect(second).toEqual(first);
  await one.embed(['another question'], 'query', testCall());
  expect(texts).toHaveLength(2);
});

test('before the model is loaded, and for passages, it is the model that answers', async () => {
  const { model, texts } = await embedder();
  const remembering = rememberQueries(model, createMemoryCache());
  for (let i = 0; i < 2; i++) await remembering.embed(['a passage'], 'passage', testCall());
  expect(texts).toHaveLength(2);
  const [vector] = await remembering.embed(['a passage'], 'query', testCall());
  expect(vector).toHaveLength(remembering.space()?.dimensions ?? 0);
});

test('a model that is exchanged is asked again, and its vectors are not taken for those of the one before', async () => {
  const { model, texts } = await embedder();
  await model.ready(testCall());
  let fingerprint = 'one';
  const exchanged: Embedder = {
    ...model,
    space: () => ({ fingerprint, dimensions: model.space()?.dimensions ?? 0 }),
    embed(asked, kind, call) {
      fingerprint = 'two';
      return model.embed(asked, kind, call);
    },
  };
  const remembering = rememberQueries(exchanged, createMemoryCache());
  await remembering.embed(['q'], 'query', testCall());
  const before = texts.length;
  await remembering.embed(['q'], 'query', testCall());
  await remembering.embed(['q'], 'query', testCall());
  expect(texts.length).toBe(before + 1);
});
