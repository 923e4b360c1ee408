// Two nodes with one library, on MongoDB and Qdrant, of which one is killed between its two writes to them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { documentFormat } from '../../src/library/reading/chunk.ts';
import { createMongoLibraryPorts } from '../../src/stores/mongodb/catalog/ports.ts';
import { createQdrantIndex } from '../../src/stores/qdrant/qdrant.ts';
import { folderOf, writeFiles } from '../library/support.ts';
import { byWords, documentsOf } from '../stores/ports.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { isInstalled, mongoStoreForTest, skipReason, startServer } from '../support/mongo-servers.ts';
import { bare, cli, environmentOf, type Settings } from '../support/process.ts';
import { hasQdrant, qdrantSettings, qdrantSkipReason } from '../support/servers/qdrant.ts';

const files = 30;

const textsOf = (round: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: files }, (_, i) => [`f${i}.md`, `Word${i}x${round} and others.\n`]),
  );

function node(settings: Settings, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], {
    env: environmentOf(settings),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** The servers, what the nodes have in common, and what is in the stores. */
async function sharedLibrary() {
  const mongo = await startServer('mongo-java-server');
  onTestFinished(() => mongo.stop());
  const qdrant = await qdrantSettings();
  const { catalog } = createMongoLibraryPorts(
    mongoStoreForTest(mongo.url, { database: 'library', timeoutMs: 10_000 }),
  );
  const retriever = createQdrantIndex(qdrant);
  const settings = {
    ...bare,
    catalogStore: 'mongodb',
    mongodbUrl: `${mongo.url}data`,
    storeDatabase: 'library',
    qdrantUrl: qdrant.url,
    qdrantCollection: qdrant.collection,
    ...(qdrant.apiKey !== undefined && { qdrantApiKey: qdrant.apiKey }),
    watch: 'false',
  };
  const settled = `${documentFormat} in Qdrant collection ${qdrant.collection}`;
  return {
    newNode: async (): Promise<Settings> => ({ ...settings, dataDir: await temporaryDirectory() }),
    formats: async (): Promise<string[]> => Object.keys(await catalog.formats(testCall())),
    settled,
    /** The documents whose passages are not exactly those of their text. */
    async mismatches(rounds: number): Promise<string[]> {
      const wrong: string[] = [];
      for (let i = 0; i < files; i++) {
        const id = `docs/f${i}.md`;
        const text = (await catalog.read(id, 1, 100, testCall()))?.text ?? '';
        for (let round = 0; round < rounds; round++) {
          const found = await byWords(retriever, `word${i}x${round}`);
          const documents = await documentsOf(
            retriever,
            found.map(({ chunk }) => chunk),
          );
          const isThere = text.startsWith(`Word${i}x${round} `);
          if (documents.join() !== (isThere ? id : '')) wrong.push(`${id} ${round}: ${documents.join()}`);
        }
      }
      return wrong;
    },
  };
}

const servers = isInstalled('mongo-java-server') && hasQdrant;

test.skipIf(!servers)(
  `what a killed node has not ended is completed by the next one that starts${skipReason('mongo-java-server')}${qdrantSkipReason}`,
  { timeout: 120_000 },
  async () => {
    const { newNode, formats, settled, mismatches } = await sharedLibrary();
    const [first, other] = [await newNode(), await newNode()];
    const folder = await folderOf(textsOf(0));
    await ended(node(first, 'ingest', folder));
    expect(await formats()).toEqual([settled]);

    for (let round = 1; round <= 2; round++) {
      await writeFiles(folder, textsOf(round));
      const killed = node(first, 'ingest', folder);
      while (killed.exitCode === null && !(await formats()).some((format) => format.includes('writing '))) {
        await delay(2);
      }
      await delay(Math.random() * 100);
      killed.kill('SIGKILL');
      await ended(killed);

      const next = node(other, 'serve');
      await expect.poll(formats, { timeout: 30_000, interval: 100 }).toEqual([settled]);
      next.stdin?.end();
      await ended(next);
      expect(await mismatches(round + 1)).toEqual([]);
    }
  },
);
