import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, connected, sharedApp } from '../support/connected.ts';
import { mongoServer } from '../support/mongo-server.ts';
import { freePort, isInstalled, mongoDocuments, skipReason, startServer } from '../support/mongo-servers.ts';
import { hydrogen, stdioClient } from '../support/process.ts';

const data = { plants: [{ _id: 1, type: 'PEM' }] };
const connection = (url: string, more = {}) => ({ url, readOnly: false, ...more });

interface Report {
  status: string;
  parts: { name: string; state: string; detail: string; action?: string }[];
}

describe('without a server', () => {
  const app = sharedApp({ data });

  test('no tool asks for a connection, and the embedded one may still be named', async () => {
    const client = await clientOf(app());
    const { tools } = await client.listTools();
    expect(JSON.stringify(tools)).not.toContain('"connection"');
    const answer = await call(client, 'count', { collection: 'plants', connection: 'embedded' });
    expect(answer.structuredContent).toEqual({ count: 1 });
  });

  test('list_databases tells the embedded ones with their sizes', async () => {
    const client = await clientOf(app());
    const answer = await call(client, 'list_databases');
    expect(rowsOf(answer)).toEqual([
      { connection: 'embedded', database: 'main', collections: 1, bytes: expect.any(Number), default: true },
    ]);
  });
});

describe('with a server that is away', () => {
  test('starting and listing tools do not touch it', async () => {
    const port = await freePort();
    const { client } = await stdioClient({
      dataDir: await temporaryDirectory(),
      mongodbUrl: `mongodb://jane:hunter22@127.0.0.1:${port}/app`,
    });
    const { tools } = await client.listTools();
    expect(JSON.stringify(tools)).toContain('"connection"');
    const answer = await call(client, 'list_collections', { connection: 'embedded' });
    expect(summaryOf(answer)).toMatch(/no data yet/);
  });

  test('calls on it fail with what to do, health says so, and embedded collections answer', async () => {
    const url = `mongodb://jane:hunter22@127.0.0.1:${await freePort()}/app`;
    const { client } = await connected({ data, settings: { mongodbUrl: url, mongodbTimeoutMs: 200 } });
    expect(await failure(client, 'find', { collection: 'plants' })).toMatch(
      /connection "mongodb" cannot be reached.*HYDROGEN_MONGODB_URL/,
    );
    const near = await call(client, 'find', { connection: 'embedded', collection: 'plants' });
    expect(rowsOf(near)).toHaveLength(1);
    const health = await call(client, 'health');
    const { status, parts } = health.structuredContent as unknown as Report;
    expect(status).toBe('degraded');
    expect(parts.find(({ name }) => name === 'connection mongodb')).toMatchObject({
      state: 'down',
      action: expect.stringMatching(/Check that it runs/),
    });
    const databases = await call(client, 'list_databases');
    expect(rowsOf(databases)).toEqual([
      { connection: 'mongodb', unavailable: expect.stringContaining('cannot be reached') },
      expect.objectContaining({ connection: 'embedded', database: 'main' }),
    ]);
    expect(JSON.stringify([health, databases])).not.toMatch(/hunter22|jane/);
  });

  test('health says that nothing listens, and where the address is set, before the driver gives up', async () => {
    const mongodbUrl = `mongodb://127.0.0.1:${await freePort()}/`;
    const { client } = await connected({ settings: { mongodbUrl, mongodbTimeoutMs: 20_000 } });
    const { parts } = (await call(client, 'health')).structuredContent as unknown as Report;
    expect(parts.find(({ name }) => name === 'connection mongodb')).toMatchObject({
      state: 'down',
      action: expect.stringMatching(/nothing listens at its address.*mongodbUrl \(HYDROGEN_MONGODB_URL\)/),
    });
  });

  test('an unknown connection is an error that offers the near ones', async () => {
    const { client } = await connected({
      settings: { connections: { sales: connection('mongodb://127.0.0.1:1/') } },
    });
    expect(await failure(client, 'count', { connection: 'sale', collection: 'x' })).toMatch(
      /no connection "sale".*"sales"/,
    );
  });

  test('neither `config` nor `doctor` print a connection string', async () => {
    const directory = await temporaryDirectory();
    const urlFile = join(directory, 'url');
    await writeFile(urlFile, 'mongodb://jane:hunter22@127.0.0.1:1/\n');
    const file = join(directory, 'hydrogen.json');
    await writeFile(
      file,
      JSON.stringify({
        dataDir: join(directory, 'data'),
        embeddingModel: 'none',
        sampleWorkflows: false,
        mongodbTimeoutMs: 100,
        mongodbUrl: 'mongodb://bob:hunter33@127.0.0.1:1/',
        connections: { sales: { urlFile: 'url', readOnly: true } },
      }),
    );
    const config = hydrogen(['config', '--config', file]);
    expect(config.out).toMatch(/mongodbUrl = "\(set\)"/);
    expect(config.out).toMatch(/connections = \{"sales":\{"url":"\(set\)","readOnly":true\}\}/);
    const doctor = hydrogen(['doctor', '--config', file]);
    expect(doctor.out).toMatch(/FAIL connection sales: .*\n.*connections\.sales in the settings/);
    expect(config.out + config.err + doctor.out + doctor.err).not.toMatch(/hunter|mongodb:\/\/(jane|bob)/);
  });
});

describe.skipIf(!isInstalled('ferretdb'))(`with a server${skipReason('ferretdb')}`, () => {
  const server = mongoServer('ferretdb');
  beforeAll(async () => {
    const store = mongoDocuments(server.url);
    await store.insert({ database: 'shop', collection: 'orders' }, [{ _id: 1, total: 5 }], testCall());
    await store.insert({ database: 'shop', collection: 'items' }, [{ _id: 1 }], testCall());
    const names = Array.from({ length: 60 }, (_, n) => ({ _id: n, name: `Name ${n}`, size: n }));
    await store.insert({ database: 'staff', collection: 'people' }, names, testCall());
    await store.close();
  });

  test('it is the default, with the database of its connection string', async () => {
    const { client } = await connected({ data, settings: { mongodbUrl: `${server.url}shop` } });
    expect(rowsOf(await call(client, 'find', { collection: 'orders' }))).toEqual([{ _id: 1, total: 5 }]);
    expect(summaryOf(await call(client, 'list_collections'))).toMatch(
      /2 collections in database "shop".*Other databases: "staff"/,
    );
    const { parts } = (await call(client, 'health')).structuredContent as unknown as Report;
    expect(parts.find(({ name }) => name === 'connection mongodb')).toMatchObject({ state: 'up' });
  });

  test('a query that finds nothing is told how its values are written there', async () => {
    const { client } = await connected({ data, settings: { mongodbUrl: `${server.url}staff` } });
    const filter = { name: 'name 40', size: { $lt: 50 } };
    const found = await call(client, 'find', { collection: 'people', filter });
    expect(summaryOf(found)).toMatch(/Documents are found with "name":"Name 40"\.$/);
  });

  test('the embedded store stays the default where the settings say so', async () => {
    const { client } = await connected({
      data,
      settings: { mongodbUrl: `${server.url}shop`, defaultConnection: 'embedded' },
    });
    expect((await call(client, 'count', { collection: 'plants' })).structuredContent).toEqual({ count: 1 });
    const there = await call(client, 'count', { connection: 'mongodb', collection: 'orders' });
    expect(there.structuredContent).toEqual({ count: 1 });
  });

  test('without a default database a call must name one, and the lists say which there are', async () => {
    const { client } = await connected({ settings: { connections: { main: connection(server.url) } } });
    expect(await failure(client, 'count', { collection: 'orders' })).toMatch(
      /"database" is missing.*list_databases/,
    );
    const collections = await call(client, 'list_collections');
    expect(summaryOf(collections)).toMatch(/2 databases on connection "main"\. Name one/);
    const databases = rowsOf(await call(client, 'list_databases', { connection: 'main' }));
    expect(databases.map(({ database }) => database)).toEqual(['shop', 'staff']);
    const named = await call(client, 'count', { database: 'shop', collection: 'orders' });
    expect(named.structuredContent).toEqual({ count: 1 });
  });

  test('resources and prompts find its collections, with a default database and without', async () => {
    for (const [settings, expected] of [
      [{ connections: { main: connection(server.url) } }, ['shop.items', 'shop.orders', 'staff.people']],
      [{ connections: { main: connection(server.url, { database: 'staff' }) } }, ['people']],
    ] as const) {
      const { client } = await connected({ settings });
      const uris = (await client.listResources()).resources.map(({ uri }) => uri);
      expect(uris.filter((uri) => uri.includes('://collections/')).sort()).toEqual([
        'hydrogen://collections/shop/items',
        'hydrogen://collections/shop/orders',
        'hydrogen://collections/staff/people',
      ]);
      const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: 'explore_collection' },
        argument: { name: 'collection', value: '' },
      });
      expect(completion.values).toEqual(expected);
    }
    const { client } = await connected({ settings: { connections: { main: connection(server.url) } } });
    const prompt = await client.getPrompt({
      name: 'explore_collection',
      arguments: { collection: 'shop.orders' },
    });
    expect(JSON.stringify(prompt.messages)).toContain('orders\\" of the database \\"shop');
    const { contents } = await client.readResource({ uri: 'hydrogen://collections/shop/orders' });
    expect(JSON.stringify(contents)).toContain('total');
  });

  test('a cursor continues a query on it', async () => {
    const { client } = await connected({ settings: { mongodbUrl: `${server.url}paged` } });
    const store = mongoDocuments(server.url);
    onTestFinished(() => store.close());
    const documents = Array.from({ length: 5 }, (_, i) => ({ _id: i }));
    await store.insert({ database: 'paged', collection: 'rows' }, documents, testCall());
    const args = { collection: 'rows', sort: { _id: -1 }, limit: 3 };
    const first = await call(client, 'find', args);
    const cursor = /cursor "([^"]+)"/.exec(summaryOf(first))?.[1];
    const second = await call(client, 'find', { ...args, cursor });
    expect([...rowsOf(first), ...rowsOf(second)].map((row) => row['_id'])).toEqual([4, 3, 2, 1, 0]);
  });
});

describe.skipIf(!isInstalled('ferretdb'))(
  `when a server goes away and comes back${skipReason('ferretdb')}`,
  () => {
    test('calls fail within the time-out, health says it, embedded collections answer, and then all is well', async () => {
      const directory = await temporaryDirectory();
      const server = await startServer('ferretdb', { directory });
      onTestFinished(() => server.stop());
      const settings = { mongodbUrl: `${server.url}shop`, mongodbTimeoutMs: 500, enableWrites: true };
      const { client } = await connected({ data, settings });
      await call(client, 'insert', { collection: 'orders', documents: [{ _id: 1 }] });
      const state = async (): Promise<string | undefined> => {
        const { parts } = (await call(client, 'health')).structuredContent as unknown as Report;
        return parts.find(({ name }) => name === 'connection mongodb')?.state;
      };
      const embedded = { connection: 'embedded', collection: 'plants' };
      expect(await state()).toBe('up');
      await server.stop();
      expect(await failure(client, 'count', { collection: 'orders' })).toMatch(
        /cannot be reached.*Check that it runs/,
      );
      expect(await state()).toBe('down');
      expect((await call(client, 'count', embedded)).structuredContent).toEqual({ count: 1 });
      const again = await startServer('ferretdb', { directory, port: server.port });
      onTestFinished(() => again.stop());
      await expect.poll(state, { timeout: 60_000 }).toBe('up');
      const back = await call(client, 'count', { collection: 'orders' });
      expect(back.structuredContent).toEqual({ count: 1 });
      expect((await call(client, 'count', embedded)).structuredContent).toEqual({ count: 1 });
    });
  },
);
