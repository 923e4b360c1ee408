import { randomUUID } from 'node:crypto';
import { QdrantClient } from '@qdrant/js-client-rest';
import { createQdrantIndex, type QdrantIndex } from '../../src/stores/qdrant/qdrant.ts';
import { endpointOf, type QdrantSettings } from '../../src/stores/qdrant/server.ts';
import { startQdrantFront } from './qdrant-front.ts';

export const qdrantUrl = process.env['HYDROGEN_TEST_QDRANT_URL'];
const apiKey = process.env['HYDROGEN_TEST_QDRANT_API_KEY'];

/** Settings for a collection of its own on a server, and what deletes it. */
export function newCollection(
  url: string,
  timeoutMs: number,
): {
  readonly settings: QdrantSettings;
  /** Whether the server has indexed what it was given. */
  isIndexed(): Promise<boolean>;
  drop(): Promise<void>;
} {
  const settings: QdrantSettings = {
    url,
    ...(apiKey !== undefined && { apiKey }),
    collection: `hydrogen-test-${randomUUID()}`,
    setting: 'qdrantUrl',
    timeoutMs,
  };
  const client = () =>
    new QdrantClient({
      ...endpointOf(url),
      ...(apiKey !== undefined && { headers: { 'api-key': apiKey } }),
      checkCompatibility: false,
    });
  return {
    settings,
    async isIndexed() {
      return (await client().getCollection(settings.collection)).status === 'green';
    },
    async drop() {
      await client()
        .deleteCollection(settings.collection)
        .catch(() => {});
    },
  };
}

/** An empty index on the server that is named, or on the engine behind a front. */
export async function qdrantForScript(): Promise<{
  readonly index: QdrantIndex;
  /** The process of the front. */
  readonly pid: number | undefined;
  isIndexed(): Promise<boolean>;
  close(): Promise<void>;
}> {
  const front = qdrantUrl === undefined ? await startQdrantFront() : undefined;
  const { settings, isIndexed, drop } = newCollection(qdrantUrl ?? front?.url ?? '', 60_000);
  return {
    index: createQdrantIndex(settings),
    pid: front?.child.pid,
    isIndexed,
    async close() {
      await drop();
      await front?.stop();
    },
  };
}
