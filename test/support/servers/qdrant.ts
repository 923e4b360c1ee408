import { expect, onTestFinished } from 'vitest';
import { hasQdrantEngine } from '../../../scripts/servers/qdrant.ts';
import { newCollection, qdrantUrl } from '../../../scripts/servers/qdrant-collection.ts';
import { startQdrantFront } from '../../../scripts/servers/qdrant-front.ts';
import type { Backfill, Retriever } from '../../../src/stores/index/types.ts';
import { createQdrantIndex, type QdrantIndex } from '../../../src/stores/qdrant/qdrant.ts';
import type { QdrantSettings } from '../../../src/stores/qdrant/server.ts';

/** Whether the tests run on a true server, and not on its engine behind a front. */
export const isTrueQdrant = qdrantUrl !== undefined;
/** Whether there is a Qdrant to test on; a test that is skipped says so in its title. */
export const hasQdrant = qdrantUrl !== undefined || hasQdrantEngine();
export const qdrantSkipReason = hasQdrant
  ? ''
  : ' (skipped: HYDROGEN_TEST_QDRANT_URL names no server, and its engine is not installed, see `npm run servers`)';
const qdrantName = qdrantUrl === undefined ? "Qdrant's engine behind a front" : 'Qdrant';

let running: Promise<string> | undefined;

/** The URL of the server that is named, or of a front for this process: test files share one. */
function serverUrl(): Promise<string> {
  running ??=
    qdrantUrl === undefined ? startQdrantFront().then(({ url }) => url) : Promise.resolve(qdrantUrl);
  return running;
}

/** Settings for a collection of its own, which is deleted after the test. */
export async function qdrantSettings(): Promise<QdrantSettings> {
  const { settings, drop } = newCollection(await serverUrl(), 20_000);
  onTestFinished(drop);
  return settings;
}

export async function openQdrant(): Promise<QdrantIndex> {
  return createQdrantIndex(await qdrantSettings());
}

/** Empty collections, as the suites of ports take them. Scores are floats of 32 bits. */
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
