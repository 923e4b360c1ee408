import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { endingOf } from '../../src/embeddings/crash.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { type HostEvents, startModelHost } from '../../src/embeddings/model-host.ts';
import { resolveModel } from '../../src/embeddings/models.ts';
import type { Embedder } from '../../src/embeddings/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { call } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { stdioClient } from '../support/process.ts';
import { childrenFromNow, childrenOf, isRunning, noProcesses } from '../support/processes.ts';
import { machine, noCompiler } from './crashing/machine.ts';

const silent: HostEvents = { receive() {}, ended() {}, notStarted() {} };

async function packaged(): Promise<Embedder> {
  const cacheDirectory = await temporaryDirectory();
  const settings = { model: 'hydrogen-embed-small-en', cacheDirectory, timeoutMs: 1_000 };
  const embedder = createEmbedder(settings, createLog('silent'));
  onTestFinished(() => embedder.close());
  return embedder;
}

function request(): Parameters<typeof startModelHost>[0] {
  const resolved = resolveModel({ model: 'hydrogen-embed-small-en', cacheDirectory: '.', timeoutMs: 1_000 });
  if (resolved.kind !== 'model') throw new Error('no model');
  return resolved.request;
}

/** What is in the environment of this process from now on, and of those that it starts. */
function environment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test.skipIf(noCompiler)('native code that hangs is ended, and that it hung is said', async () => {
  environment((await machine(undefined)).environment);

  const ending = await new Promise((resolve) => {
    const patience = { checkIntervalMs: 50, maxSilentMs: 2_000, bootMs: 60_000 };
    startModelHost(request(), { ...silent, ended: resolve }, patience);
  });

  expect(ending).toMatchObject({ kind: 'hung' });
});

test('a process that is slow to start is no native code that hangs', async () => {
  const ending = await new Promise((resolve) => {
    const patience = { checkIntervalMs: 1, maxSilentMs: 0, bootMs: 0 };
    startModelHost(request(), { ...silent, ended: resolve }, patience);
  });

  expect(ending).toMatchObject({ kind: 'ended', how: expect.stringContaining('no sign of life') });
});

test.skipIf(noCompiler)(
  'native code sees the environment, but no secrets, and is told to report to nobody',
  async () => {
    const { environment: standIn } = await machine('SIGILL');
    const seen = join(await temporaryDirectory(), 'seen.json');
    environment({
      ...standIn,
      STAND_IN_ENVIRONMENT: seen,
      LD_BIND_NOW: '1',
      HYDROGEN_DEFAULT_CONNECTION: 'secret-1',
      HF_TOKEN: 'secret-2',
      AWS_SECRET_ACCESS_KEY: 'secret-3',
      REPORTS: 'mongodb://reader:secret-4@127.0.0.1/',
      HTTPS_PROXY: 'http://someone:secret-5@127.0.0.1:1/',
    });

    await new Promise((resolve) => startModelHost(request(), { ...silent, ended: resolve }));

    const text = await readFile(seen, 'utf8');
    expect(text).toContain('LD_BIND_NOW');
    expect(text).toContain('ORT_DISABLE_TELEMETRY');
    expect(text).not.toMatch(/secret-\d/);
  },
);

test.skipIf(noProcesses)(
  'a model whose process is killed is told, and not started again at once',
  async () => {
    const models = childrenFromNow('embedding-process');
    const embedder = await packaged();
    await embedder.ready(testCall());
    const [model = 0] = models();

    process.kill(model, 'SIGKILL');

    await vi.waitFor(() => expect(embedder.status().state).toBe('failed'), { timeout: 60_000 });
    expect(embedder.status().detail).toMatch(/ended unexpectedly: .*SIGKILL/);
    await expect(embedder.ready(testCall())).rejects.toMatchObject({ code: 'unavailable' });
    expect(models()).toEqual([]);
  },
);

test('where the system starts no process, the message says so', async () => {
  const embedder = await packaged();
  const node = process.execPath;
  process.execPath = join(await temporaryDirectory(), 'node');
  onTestFinished(() => {
    process.execPath = node;
  });

  await expect(embedder.ready(testCall())).rejects.toMatchObject({ code: 'unavailable' });

  expect(embedder.status()).toMatchObject({ state: 'failed', detail: expect.stringContaining('(ENOENT)') });
});

test.skipIf(noProcesses)("a killed server's model ends with it", async () => {
  const { client, pid } = await stdioClient({
    dataDir: await temporaryDirectory(),
    sampleWorkflows: 'false',
  });
  await call(client, 'search', { query: 'alarm' });
  const [model = 0] = childrenOf(pid, 'embedding-process');
  expect(isRunning(model)).toBe(true);

  process.kill(pid, 'SIGKILL');

  await vi.waitFor(() => expect(isRunning(model)).toBe(false), { timeout: 60_000 });
});

test.each([
  ['by a signal', null, 'SIGSEGV', '', 'crashed', 'segmentation fault (SIGSEGV)'],
  ['as Windows ends it', 0xc000001d, null, '', 'crashed', 'illegal instruction (0xc000001d)'],
  ['by an unknown exception of Windows', 0xc0000420, null, '', 'crashed', '0xc0000420'],
  ['as Node aborts on Windows', 134, null, '', 'crashed', 'abort (exit code 134)'],
  ['without memory', null, 'SIGABRT', 'JavaScript heap out of memory', 'ended', 'not enough memory'],
  ['by the system', null, 'SIGKILL', '', 'ended', 'SIGKILL'],
  ['by Ctrl-C on Windows', 0xc000013a, null, '', 'ended', '0xc000013a'],
  ['without memory on Windows', 0xc0000017, null, '', 'ended', 'not enough memory'],
  ['without pages on Windows', 0xc000012d, null, '', 'ended', 'not enough memory'],
  ['as Windows shuts down', 0xc0000142, null, '', 'ended', 'shutting down'],
  ['by a mistake', 1, null, 'TypeError', 'ended', 'exit code 1'],
] as const)('a process that ends %s', (_how, code, signal, stderr, kind, how) => {
  expect(endingOf(code, signal, stderr)).toMatchObject({ kind, how: expect.stringContaining(how) });
});
