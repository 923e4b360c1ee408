import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import type { Embedder, EmbeddingSettings } from '../../src/embeddings/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { folderOf, openLibrary, smallLibrary } from '../library/support.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

const packaged = fileURLToPath(new URL('../../models/hydrogen-embed-small-en/', import.meta.url));

/** A server on this machine in the place of the hub. */
async function hub(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Serves the packaged model under any id. */
const serveModel: RequestListener = async (request, response) => {
  try {
    const file = (request.url ?? '').split('/resolve/main/')[1] ?? '';
    response.end(await readFile(join(packaged, file)));
  } catch {
    response.writeHead(404).end();
  }
};

async function settings(mirror: string, timeoutMs = 5_000): Promise<EmbeddingSettings> {
  return { model: 'someone/some-model', cacheDirectory: await temporaryDirectory(), mirror, timeoutMs };
}

function openEmbedder(options: EmbeddingSettings): Embedder {
  const embedder = createEmbedder(options, createLog('silent'));
  onTestFinished(() => embedder.close());
  return embedder;
}

test('a hub model is downloaded from the mirror once and then used from the cache', async () => {
  let requests = 0;
  const options = await settings(
    await hub((request, response) => {
      requests++;
      serveModel(request, response);
    }),
  );
  await openEmbedder(options).ready(testCall());
  const downloaded = requests;

  const [vector] = await openEmbedder(options).embed(['hydrogen'], 'query', testCall());

  expect(vector).toHaveLength(384);
  expect(downloaded).toBeGreaterThan(0);
  expect(requests).toBe(downloaded);
});

test('a user and password in the address of the mirror are sent to it', async () => {
  const sent = new Set<string | undefined>();
  const mirror = await hub((request, response) => {
    sent.add(request.headers.authorization);
    serveModel(request, response);
  });

  await openEmbedder(await settings(mirror.replace('//', '//me:p%40ss@'))).ready(testCall());

  expect([...sent]).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
});

test('an answer that fails for a moment is asked for again', async () => {
  let failures = 0;
  const mirror = await hub((request, response) => {
    if (failures++ === 0) response.writeHead(503).end();
    else serveModel(request, response);
  });

  expect(await openEmbedder(await settings(mirror)).ready(testCall())).toMatchObject({ dimensions: 384 });
});

test('a private model is asked for with the token', async () => {
  const mirror = await hub((request, response) => {
    if (request.headers.authorization === 'Bearer let-me-in') serveModel(request, response);
    else response.writeHead(401).end();
  });

  const denied = openEmbedder(await settings(mirror)).ready(testCall());
  const granted = openEmbedder({ ...(await settings(mirror)), token: 'let-me-in' }).ready(testCall());

  await expect(denied).rejects.toThrow(/refuses the model "someone\/some-model".*embeddingToken/);
  expect(await granted).toMatchObject({ dimensions: 384 });
});

test.each([
  [
    'has no such model',
    (_: unknown, response: { writeHead(n: number): { end(): void } }) => response.writeHead(404).end(),
    /has no model "someone\/some-model"/,
  ],
  [
    'answers with errors',
    (_: unknown, response: { writeHead(n: number): { end(): void } }) => response.writeHead(500).end(),
    /answered with an error/,
  ],
] as const)('a hub that %s is reported, with what to do', async (_what, answer, message) => {
  const embedder = openEmbedder(await settings(await hub(answer as RequestListener)));

  await expect(embedder.ready(testCall())).rejects.toThrow(message);
  expect(embedder.status().detail).toMatch(message);
});

test('a hub that cannot be reached is reported, with what to do', async () => {
  const embedder = openEmbedder(await settings('http://127.0.0.1:1/'));

  await expect(embedder.ready(testCall())).rejects.toThrow(/127.0.0.1:1 cannot be reached.*embeddingMirror/);
});

test('a hub that accepts and never answers is given up after the time limit', async () => {
  const embedder = openEmbedder(await settings(await hub(() => {}), 300));

  await expect(embedder.ready(testCall())).rejects.toThrow(/did not answer within 0.3 s/);
  expect(embedder.status().state).toBe('failed');
});

test('a download that stops in the middle is given up after the time limit', async () => {
  const embedder = openEmbedder(
    await settings(
      await hub((_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{');
      }),
      300,
    ),
  );

  await expect(embedder.ready(testCall())).rejects.toMatchObject({ code: 'unavailable' });
});

test('while a download hangs, searches are answered by keywords and say so', async () => {
  const library = await openLibrary({
    embedding: { model: 'someone/some-model', mirror: await hub(() => {}), timeoutMs: 60_000 },
  });
  library.warm();
  const text = 'Hydrogen is kept in steel bottles.';
  await library.add({ name: 'a', text, type: 'text', metadata: {} }, testCall());

  const { hits, mode, notes } = await library.search(
    { query: 'bottles', limit: 3, mode: 'hybrid' },
    testCall(),
  );

  expect(hits[0]?.document).toBe('inline/a');
  expect(mode).toBe('keyword');
  expect(notes).toEqual([expect.stringMatching(/still being downloaded/)]);
});

test('an ingest whose model does not come ends with its words in the index', async () => {
  const library = await openLibrary({
    embedding: { model: 'someone/some-model', mirror: await hub(() => {}), timeoutMs: 200 },
  });

  const report = await library.ingest([await folderOf(smallLibrary)], testCall());

  expect(report).toMatchObject({ added: 3, embedded: 0, pending: 4 });
  expect(report.notes).toEqual([expect.stringMatching(/did not answer/)]);
});

test('an ingest whose time runs out while a download hangs ends in time, with its words in the index', async () => {
  const library = await openLibrary({
    embedding: { model: 'someone/some-model', mirror: await hub(() => {}), timeoutMs: 60_000 },
  });

  const report = await library.ingest(
    [await folderOf(smallLibrary)],
    testCall({ deadline: Date.now() + 3_000 }),
  );

  expect(report).toMatchObject({ added: 3, pending: 4, notes: [expect.stringMatching(/in the background/)] });
});

test('the progress of a download is told during an ingest', async () => {
  const messages: string[] = [];
  const mirror = await hub((request, response) => {
    if (!request.url?.endsWith('config.json')) {
      serveModel(request, response);
      return;
    }
    response.writeHead(200, { 'content-length': '22' });
    response.write('{"model_type"');
    setTimeout(() => response.end(':"bert" }'), 800);
  });
  const library = await openLibrary({ embedding: { model: 'someone/some-model', mirror, timeoutMs: 5_000 } });

  await library.ingest(
    [await folderOf(smallLibrary)],
    testCall({ progress: ({ message = '' }) => messages.push(message) }),
  );

  expect(messages).toContainEqual(expect.stringMatching(/^downloading the model, \d+\.\d of \d+\.\d MB$/));
});
