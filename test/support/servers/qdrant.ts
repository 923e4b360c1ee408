import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { QdrantClient } from '@qdrant/js-client-rest';
import { expect, onTestFinished } from 'vitest';
import { hasQdrantEngine, qdrantPython } from '../../../scripts/servers/qdrant.ts';
import type { Backfill, Retriever } from '../../../src/stores/index/types.ts';
import { createQdrantIndex, type QdrantIndex } from '../../../src/stores/qdrant/qdrant.ts';
import { endpointOf, type QdrantSettings } from '../../../src/stores/qdrant/server.ts';

const url = process.env['HYDROGEN_TEST_QDRANT_URL'];
const apiKey = process.env['HYDROGEN_TEST_QDRANT_API_KEY'];

/** Whether there is a Qdrant to test on; a test that is skipped says so in its title. */
export const hasQdrant = url !== undefined || hasQdrantEngine();
export const qdrantSkipReason = hasQdrant
  ? ''
  : ' (skipped: HYDROGEN_TEST_QDRANT_URL names no server, and its engine is not installed, see `npm run servers`)';
export const qdrantName = url === undefined ? "Qdrant's engine behind a front" : 'Qdrant';

export interface RunningFront {
  readonly url: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

const front = fileURLToPath(new URL('qdrant_front.py', import.meta.url));

/**
 * Starts the engine behind the front, which ends with this process in any case.
 * @param directory where its data is; without one it is temporary
 */
export async function startQdrantFront(directory?: string): Promise<RunningFront> {
  const args = [front, '0', ...(directory === undefined ? [] : [directory])];
  const child = spawn(qdrantPython, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = /listening (\d+)/.exec(String(line))?.[1];
  if (port === undefined) throw new Error(`the front did not start: ${line}`);
  // The process need not wait for it.
  for (const one of [child, child.stdin, child.stdout]) (one as unknown as { unref(): void }).unref();
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

let running: Promise<string> | undefined;

/** The URL of the server that is named, or of a front for this process. */
function serverUrl(): Promise<string> {
  running ??= (async () => {
    if (url !== undefined) return url;
    // Files share a process, and the front with it.
    return (await startQdrantFront()).url;
  })();
  return running;
}

/** Settings for a collection of its own, which is deleted after the test. */
export async function qdrantSettings(): Promise<QdrantSettings> {
  const settings: QdrantSettings = {
    url: await serverUrl(),
    ...(apiKey !== undefined && { apiKey }),
    collection: `hydrogen-test-${randomUUID()}`,
    setting: 'qdrantUrl',
    timeoutMs: 20_000,
  };
  onTestFinished(async () => {
    const client = new QdrantClient({
      ...endpointOf(settings.url),
      ...(apiKey !== undefined && { headers: { 'api-key': apiKey } }),
      checkCompatibility: false,
    });
    await client.deleteCollection(settings.collection).catch(() => {});
  });
  return settings;
}

export async function openQdrant(): Promise<QdrantIndex> {
  return createQdrantIndex(await qdrantSettings());
}

/** Empty collections, as the suites of ports take them. Writes wait until they can be found. */
export const qdrantPorts = {
  name: qdrantName,
  tolerance: 2e-6,
  eventually: (checks: () => Promise<void>): Promise<void> =>
    expect.poll(async () => checks().then(() => true), { timeout: 10_000, interval: 100 }).toBe(true),
  async open(): Promise<{ readonly retriever: Retriever; readonly backfill: Backfill }> {
    const index = await openQdrant();
    return { retriever: index, backfill: index };
  },
} as const;
