// Settings that are read again while a server runs: what takes effect, for whom, and what stays.
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Caller } from '../../src/call.ts';
import { type GivenSettings, settings } from '../../src/config.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { clientOf, eras, openedApp, withoutExtras } from '../support/connected.ts';
import { heldProxy } from '../support/held-proxy.ts';
import {
  isInstalled,
  mongoDocuments,
  type RunningServer,
  skipReason,
  startServer,
} from '../support/mongo-servers.ts';

const ann: Caller = { id: 'key:ann', scopes: ['read', 'write'], roles: ['analyst'], claims: {} };
const data = {
  orders: [
    { _id: 1, tenant: 'north', card: 'a-hidden-card' },
    { _id: 2, tenant: 'south', card: 'b-hidden-card' },
  ],
  plants: [{ _id: 1 }],
};

/** The app's settings as they would be read from changed files. */
function reread(app: App, changed: Partial<GivenSettings>) {
  const { dataDirectory: dataDir } = app;
  const config = settings.parse({ dataDir, ...withoutExtras, ...changed });
  return app.reread({ config, files: [] });
}

const collectionsSeen = async (client: Client): Promise<unknown[]> =>
  rowsOf(await call(client, 'list_collections')).map(({ name, collection = name }) => collection);

describe.each(eras)('a caller of %s that is connected', (era) => {
  test('has the roles that were read again from its next call on', async () => {
    const app = await openedApp({ data, settings: { roles: { analyst: {} } } });
    const client = await clientOf(app, { era, caller: ann });
    expect(rowsOf(await call(client, 'find', { collection: 'orders' }))).toHaveLength(2);
    const roles: GivenSettings['roles'] = {
      analyst: {
        collections: ['embedded/main/orders'],
        rows: [{ collection: 'embedded/main/orders', filter: { tenant: 'north' } }],
        hidden: [{ collection: 'embedded/main/orders', fields: ['card'] }],
      },
    };
    expect(await reread(app, { roles })).toEqual({ now: ['roles'], later: [] });
    expect(rowsOf(await call(client, 'find', { collection: 'orders' }))).toEqual([
      { _id: 1, tenant: 'north' },
    ]);
    expect(await collectionsSeen(client)).toEqual(['orders']);
    expect(
      await call(client, 'count', { collection: 'orders', filter: { card: 'a-hidden-card' } }),
    ).toMatchObject({
      structuredContent: { count: 0 },
    });
  });

  test('loses the tools that its role has no longer', async () => {
    const app = await openedApp({ data, settings: { roles: { analyst: {} } } });
    const client = await clientOf(app, { era, caller: ann });
    await call(client, 'count', { collection: 'orders' });
    await reread(app, { roles: { analyst: { tools: ['find'] } } });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['find']);
    await expect(client.callTool({ name: 'count', arguments: { collection: 'orders' } })).rejects.toThrow(
      /not found/,
    );
  });

  test('may do nothing once its role is gone', async () => {
    const app = await openedApp({ data, settings: { roles: { analyst: {} } } });
    const client = await clientOf(app, { era, caller: ann });
    await call(client, 'count', { collection: 'orders' });
    await reread(app, {});
    expect((await client.listTools()).tools).toEqual([]);
  });

  test('has the limits that were read again', async () => {
    const app = await openedApp({ data });
    const client = await clientOf(app, { era, caller: { id: 'key:bob', scopes: ['read'] } });
    await call(client, 'count', { collection: 'orders' });
    await reread(app, { limits: { read: { rowsPerHour: 1 } } });
    await call(client, 'find', { collection: 'orders' });
    expect(await failure(client, 'find', { collection: 'orders' })).toMatch(/rows an hour/);
  });
});

test('settings with a problem leave all that was, and say why', async () => {
  const app = await openedApp({ data, settings: { roles: { analyst: { tools: ['find'] } } } });
  const client = await clientOf(app, { caller: ann });
  const wrong = reread(app, { roles: { analyst: { tools: ['fnd'] } }, limits: { callsInAll: 1 } });
  await expect(wrong).rejects.toThrow('there is no tool "fnd". Did you mean "find"?');
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['find']);
  expect(app.config.limits).toEqual({});
});

test('what takes effect at the next start is named, and stays', async () => {
  const app = await openedApp({ data });
  const found = await reread(app, { enableWrites: true, logLevel: 'error', maxRows: 1 });
  expect(found).toEqual({ now: ['logLevel'], later: ['maxRows', 'enableWrites'].sort(byOrder) });
  expect(app.log.level).toBe('error');
  const client = await clientOf(app);
  expect(rowsOf(await call(client, 'find', { collection: 'orders' }))).toHaveLength(2);
});

const order = Object.keys(settings.shape);
const byOrder = (one: string, other: string): number => order.indexOf(one) - order.indexOf(other);

const java = 'mongo-java-server';
describe.skipIf(!isInstalled(java))(`a connection${skipReason(java)}`, () => {
  let servers: readonly RunningServer[] = [];
  beforeAll(async () => {
    servers = await Promise.all([startServer(java), startServer(java)]);
    for (const [n, { url }] of servers.entries()) {
      const store = mongoDocuments(url, { timeoutMs: 20_000 });
      await store.insert({ database: 'shop', collection: 'orders' }, [{ _id: n }], testCall());
      await store.close();
    }
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  const sales = (port: number) => ({ connections: { sales: { url: `mongodb://127.0.0.1:${port}/shop` } } });
  const idsOf = async (client: Client): Promise<unknown[]> =>
    rowsOf(await call(client, 'find', { collection: 'orders' })).map(({ _id }) => _id);

  test('uses the new connection string from the next call on; one in progress is completed by the old one', async () => {
    const [first, second] = servers as [RunningServer, RunningServer];
    const proxy = await heldProxy(first.port);
    const given = { mongodbTimeoutMs: 20_000, ...sales(proxy.port) };
    const app = await openedApp({ settings: given });
    const client = await clientOf(app);
    expect(await idsOf(client)).toEqual([0]);
    proxy.hold();
    const held = idsOf(client);
    const described = call(client, 'describe_collection', { collection: 'orders' });
    await expect.poll(() => app.limits.underWay).toBe(2);
    const found = await reread(app, { ...given, ...sales(second.port) });
    expect(found).toEqual({ now: ['connections.sales'], later: [] });
    expect(await idsOf(client)).toEqual([1]);
    proxy.release();
    expect(await held).toEqual([0]);
    await described;
    // Nobody uses the old connection any more.
    await expect.poll(() => proxy.open, { timeout: 20_000 }).toBe(0);
  });

  test('does not show what it remembers of another server', async () => {
    const [first, second] = servers as [RunningServer, RunningServer];
    const given = { answerCacheMs: 600_000, ...sales(first.port) };
    const app = await openedApp({ settings: given });
    const client = await clientOf(app);
    const ids = async () =>
      rowsOf(await call(client, 'aggregate', { collection: 'orders', pipeline: [{ $project: { _id: 1 } }] }));
    expect(await ids()).toEqual([{ _id: 0 }]);
    await reread(app, { ...given, ...sales(second.port) });
    expect(await ids()).toEqual([{ _id: 1 }]);
    expect(summaryOf(await call(client, 'describe_collection', { collection: 'orders' }))).toMatch(
      /1 document/,
    );
  });
});
