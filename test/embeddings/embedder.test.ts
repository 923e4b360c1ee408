import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import type { Embedder } from '../../src/embeddings/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { childrenFromNow, noProcesses, processorMs } from '../support/processes.ts';
import { rest } from '../support/rest.ts';

let modelsFolder: string;

const openPackaged = (cacheDirectory: string): Embedder =>
  createEmbedder({ model: packagedModel, cacheDirectory, timeoutMs: 1_000 }, createLog('silent'));

async function packaged(): Promise<Embedder> {
  const embedder = openPackaged(await temporaryDirectory());
  onTestFinished(() => embedder.close());
  return embedder;
}

/** One for all tests that leave it as it is. */
let shared: Embedder;

beforeAll(async () => {
  modelsFolder = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  shared = openPackaged(modelsFolder);
});
afterAll(async () => {
  await shared.close();
  await rm(modelsFolder, { recursive: true, force: true });
});

function dot(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

const long = (n: number): string[] =>
  Array.from(
    { length: n },
    (_, i) => `Passage ${i}: ${'hydrogen is stored in tanks of composite '.repeat(20)}`,
  );

test('texts that mean the same are nearer than others, and vectors have length 1', async () => {
  const [question, answer, other] = await shared.embed(
    ['how is the gas kept', 'hydrogen is stored in pressure vessels', 'the price of bread rose'],
    'passage',
    testCall(),
  );

  expect(dot(question, question)).toBeCloseTo(1, 4);
  expect(dot(question, answer)).toBeGreaterThan(dot(question, other));
});

test('vectors come in the order of the texts, whatever their lengths', async () => {
  const texts = [
    'a much longer text about the storage of hydrogen in caverns of salt',
    'bread',
    ...long(12),
    'salt',
  ];

  const together = await shared.embed(texts, 'passage', testCall());

  for (const place of [0, 1, 14]) {
    const [alone] = await shared.embed([texts[place] ?? ''], 'passage', testCall());
    expect(dot(together[place], alone), texts[place]).toBeGreaterThan(0.99);
  }
});

test('a question is answered while passages are being embedded', async () => {
  await shared.ready(testCall());
  const controller = new AbortController();
  const call = testCall({ signal: controller.signal, deadline: Number.POSITIVE_INFINITY });
  let passagesDone = false;
  const passages = shared.embed(long(300), 'passage', call).finally(() => {
    passagesDone = true;
  });

  await shared.embed(['a question'], 'query', testCall());

  expect(passagesDone).toBe(false);
  controller.abort();
  await expect(passages).rejects.toMatchObject({ code: 'cancelled' });
});

test.skipIf(noProcesses)('a cancelled call ends, and the processor comes to rest', async () => {
  const models = childrenFromNow('embedding-process');
  const embedder = await packaged();
  await embedder.ready(testCall());
  const controller = new AbortController();
  // More than could be done before the test runs out of time: nothing rests because it is done.
  const call = testCall({ signal: controller.signal, deadline: Number.POSITIVE_INFINITY });
  const work = embedder.embed(long(10_000), 'passage', call);
  await sleep(200);
  controller.abort();

  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  const [model = 0] = models();
  await rest(() => processorMs(model));
});

test('a call whose time is up ends', async () => {
  await shared.ready(testCall());

  await expect(
    shared.embed(long(2_000), 'passage', testCall({ deadline: Date.now() + 100 })),
  ).rejects.toMatchObject({ code: 'timeout' });
});

test('a model that is not there is told before anybody has asked for it', async () => {
  const cacheDirectory = await temporaryDirectory();

  const embedder = createEmbedder(
    { model: './no-such-model', cacheDirectory, timeoutMs: 1_000 },
    createLog('silent'),
  );

  expect(embedder.status()).toMatchObject({
    state: 'missing',
    detail: expect.stringContaining('no-such-model'),
  });
});

test('closing while the model loads is quiet', async () => {
  const embedder = await packaged();
  embedder.warm();

  await embedder.close();

  await expect(embedder.ready(testCall())).rejects.toMatchObject({ code: 'unavailable' });
});

test('where the package that runs models is not installed, the message says how to install it', async () => {
  const script = fileURLToPath(new URL('./without-package.ts', import.meta.url));
  const hook = fileURLToPath(new URL('./hide-package.ts', import.meta.url));

  const { stdout } = spawnSync(process.execPath, ['--import', hook, script], { encoding: 'utf8' });

  expect(JSON.parse(stdout)).toMatchObject({
    state: 'missing',
    detail: expect.stringMatching(/not installed.*npm install onnxruntime-node@\d/),
  });
});

test('where the native part of that package cannot be loaded, the message says what helps, and that words serve', async () => {
  const script = fileURLToPath(new URL('./without-package.ts', import.meta.url));
  const hook = fileURLToPath(new URL('./hide-native-part.ts', import.meta.url));

  const { stdout } = spawnSync(process.execPath, ['--import', hook, script], { encoding: 'utf8' });

  expect(JSON.parse(stdout)).toMatchObject({
    state: 'failed',
    detail: expect.stringMatching(
      /search is by keywords only\. It (is missing|has none) for .*set embeddingModel/,
    ),
  });
});
