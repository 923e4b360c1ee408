import type { Client } from '@modelcontextprotocol/client';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, test } from 'vitest';
import { call, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { clientOf, connected, openedApp } from '../support/connected.ts';
import { isInstalled, type ServerName, skipReason, startServer } from '../support/mongo-servers.ts';
import { type Attempt, attempts, notes } from './read-only-catalogue.ts';

/**
 * For what only the time limit of a call ends, such as a product of collections. What is refused is so within it also
 * on a busy machine, where a thread that is replaced takes a second to start.
 */
const callTimeoutMs = 4_000;
const database = 'catalogue';

interface Tried {
  readonly attempt: Attempt;
  readonly failed: boolean;
  readonly text: string;
  readonly ms: number;
}

async function attemptAll(client: Client, all: readonly Attempt[], target: object): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const attempt of all) {
    const started = performance.now();
    const { tool: name, args } = attempt;
    const answer = await client
      .callTool({ name, arguments: { collection: 'notes', ...target, ...args } })
      .catch((error: unknown) => ({
        isError: true,
        content: [{ type: 'text' as const, text: String(error) }],
      }));
    const ms = performance.now() - started;
    tried.push({ attempt, failed: answer.isError === true, text: summaryOf(answer), ms });
  }
  return tried;
}

/** What did not go as the catalogue says. */
const surprises = (tried: readonly Tried[]): string[] =>
  tried.flatMap(({ attempt: { what, refused }, failed, text }) =>
    refused === undefined || (failed && refused.test(text)) ? [] : [`${what}: ${text.slice(0, 200)}`],
  );

/** The longest, for the reader of the report. */
function slowest(tried: readonly Tried[]): string {
  const sorted = tried.toSorted((a, b) => b.ms - a.ms).slice(0, 5);
  return sorted.map(({ attempt, ms }) => `${Math.round(ms)} ms ${attempt.what}`).join('; ');
}

describe('the read-only catalogue on the embedded store', () => {
  test('each attempt is refused or harmless, and nothing is written', async ({ annotate }) => {
    const app = await openedApp({ data: { notes }, settings: { callTimeoutMs } });
    const client = await clientOf(app);
    const { store } = app.connections.get();
    const state = async (): Promise<unknown> => ({
      databases: await store.databases(testCall()),
      collections: await store.collections('main', testCall()),
      notes: await store.find(
        { database: 'main', collection: 'notes', filter: {}, skip: 0, limit: 100, maxBytes: 100_000 },
        testCall(),
      ),
    });
    const before = await state();
    const tried = await attemptAll(
      client,
      attempts.filter(({ only }) => only !== 'server'),
      {},
    );
    await annotate(`slowest: ${slowest(tried)}`);
    expect(surprises(tried)).toEqual([]);
    expect(await state()).toEqual(before);
    expect({}).not.toHaveProperty('polluted');
  }, 120_000);

  test('other calls are answered while a regular expression runs away', async () => {
    const { client } = await connected({ data: { notes } });
    await call(client, 'count', { collection: 'notes' });
    const runaway = client.callTool({
      name: 'count',
      arguments: { collection: 'notes', filter: { hard: { $regex: '^(a+)+$' } } },
    });
    const other = client.callTool({ name: 'count', arguments: { collection: 'notes' } });
    expect((await other).structuredContent).toEqual({ count: 3 });
    expect(summaryOf(await runaway)).toMatch(/regular expression took too long on a single text/);
  });

  test('a write whose regular expression runs away changes nothing, and the next write is made', async () => {
    const { client } = await connected({
      data: { notes },
      settings: { enableWrites: true, confirmWrites: 'never' },
    });
    const filter = { $or: [{ _id: 3 }, { hard: { $regex: '^(a+)+$' } }] };
    const arguments_ = { collection: 'notes', filter, many: true };
    const answer = await client.callTool({ name: 'delete', arguments: arguments_ });
    expect(summaryOf(answer)).toMatch(/regular expression took too long on a single text/);
    const next = await call(client, 'delete', { collection: 'notes', filter: { _id: 3 } });
    expect(next.structuredContent).toEqual({ deleted: 1 });
  });
});

for (const name of ['ferretdb', 'mongo-java-server'] as const satisfies readonly ServerName[]) {
  describe.skipIf(!isInstalled(name))(`the read-only catalogue on ${name}${skipReason(name)}`, () => {
    const closing: (() => Promise<unknown>)[] = [];
    afterAll(async () => {
      for (const close of closing.toReversed()) await close();
    });

    test('each attempt is refused or harmless, and nothing is written', async ({ annotate }) => {
      const server = await startServer(name);
      closing.push(() => server.stop());
      const direct = await MongoClient.connect(server.url);
      closing.push(() => direct.close());
      await direct.db(database).collection<{ _id: number }>('notes').insertMany(notes);
      const state = async (): Promise<unknown> => ({
        names: (await direct.db(database).listCollections().toArray()).map(({ name }) => name),
        notes: await direct.db(database).collection('notes').find().toArray(),
      });
      const before = await state();
      const app = await openedApp({ settings: { callTimeoutMs, mongodbUrl: server.url } });
      const client = await clientOf(app);
      const tried = await attemptAll(
        client,
        attempts.filter(({ only }) => only !== 'embedded'),
        { connection: 'mongodb', database },
      );
      await annotate(`slowest: ${slowest(tried)}`);
      expect(surprises(tried)).toEqual([]);
      expect(await state()).toEqual(before);
    }, 120_000);
  });
}
