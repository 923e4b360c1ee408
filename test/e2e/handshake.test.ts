import { mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { openedApp, sharedApp } from '../support/connected.ts';
import { bare, root, type Settings, stdioClient } from '../support/process.ts';

const written = sharedApp();
beforeAll(() => written().library.ingest([join(root, 'samples/documents/salt-caverns.md')], testCall()));

/** A server on a data directory with one page in it, whose model is not what it should be. */
const withModel = (settings: Settings) =>
  stdioClient({ ...bare, dataDir: written().dataDirectory, ...settings });

async function answersByKeyword(settings: Settings, note: RegExp) {
  const { client } = await withModel(settings);
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  const answer = await call(client, 'search', { query: 'salt caverns' });
  expect(rowsOf(answer)[0]?.['document']).toMatch(/salt-caverns\.md$/);
  expect(summaryOf(answer)).toMatch(note);
}

test('with a model that is missing the handshake answers, and search answers by keywords', async () => {
  const missing = join(await temporaryDirectory(), 'nothing');
  await answersByKeyword({ embeddingModel: missing }, /keyword/i);
});

test('with a model that is broken the handshake answers, and search answers by keywords', async () => {
  const broken = join(await temporaryDirectory(), 'model');
  await mkdir(join(broken, 'onnx'), { recursive: true });
  for (const file of [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/model_quantized.onnx',
  ]) {
    await writeFile(join(broken, file), 'not a model');
  }
  await answersByKeyword({ embeddingModel: broken }, /keyword/i);
});

test('while the download of a hub model hangs the handshake answers, and search answers by keywords', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await answersByKeyword(
    { embeddingModel: 'someone/some-model', embeddingMirror: `http://127.0.0.1:${port}` },
    /keyword/i,
  );
});

test('while a model comes slowly, byte by byte, the handshake answers, and search answers by keywords', async () => {
  const slow = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    const trickle = setInterval(() => response.write(' '), 100);
    response.once('close', () => clearInterval(trickle));
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void slow.close());
  const address = slow.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await answersByKeyword(
    { embeddingModel: 'someone/some-model', embeddingMirror: `http://127.0.0.1:${port}` },
    /still being downloaded/i,
  );
});

test('while another process holds the write lock the handshake and reads answer, and a write says why not', async () => {
  const dataDir = await temporaryDirectory();
  await openedApp({ data: { plants: [{ name: 'one' }] }, settings: { dataDir } });
  const other = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  onTestFinished(() => other.close());

  const { client } = await stdioClient({ ...bare, dataDir, enableIngest: 'true', callTimeoutMs: '5000' });
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  expect(rowsOf(await call(client, 'find', { collection: 'plants' }))).toHaveLength(1);
  const message = await failure(client, 'add_document', { name: 'a', text: 'text' });
  expect(message).toMatch(/another process/i);
});

test('on an empty data directory everything answers and says what to do', async () => {
  const { client } = await stdioClient({ dataDir: join(await temporaryDirectory(), 'new', 'data') });
  expect(summaryOf(await call(client, 'list_collections'))).toMatch(/hydrogen import/);
  expect(summaryOf(await call(client, 'list_documents'))).toMatch(/^0 of 0/);
  expect(summaryOf(await call(client, 'search', { query: 'anything' }))).toMatch(/No passage found/);
});
