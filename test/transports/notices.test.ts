import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { settings } from '../../src/config.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { call } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { type Era, eras, newClient, openedApp, withoutExtras } from '../support/connected.ts';
import { bare, stdioClient } from '../support/process.ts';

const data = { plants: [{ _id: 1, name: 'one' }], stones: [{ _id: 1 }] };
const plants = 'hydrogen://collections/main/plants';
const stones = 'hydrogen://collections/main/stones';

/** What a client was told, in order. */
interface Told {
  lists: number;
  readonly updated: string[];
}

/** Asks for all notices, in the way of the client's era. */
async function follow(client: Client, era: Era, uris: readonly string[] = []): Promise<Told> {
  const told: Told = { lists: 0, updated: [] };
  client.setNotificationHandler('notifications/resources/list_changed', () => {
    told.lists++;
  });
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    told.updated.push(params.uri);
  });
  if (era === '2026-07-28') {
    await client.listen({ resourcesListChanged: true, resourceSubscriptions: [...uris] });
  } else for (const uri of uris) await client.subscribeResource({ uri });
  return told;
}

const put = (app: App, collection: string): Promise<unknown> =>
  app.connections
    .get('embedded')
    .store.put({ database: 'main', collection }, [{ name: 'x' }], { drop: false }, testCall());

type Connect = (dataDir: string, era: Era) => Promise<Client>;

const overHttp: Connect = async (dataDir, era) => {
  const app = await openedApp({ settings: { dataDir, httpPort: 0 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const client = newClient(era);
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  return client;
};
const overStdio: Connect = async (dataDir, era) =>
  (await stdioClient({ ...bare, dataDir, enableWrites: 'true' }, era)).client;

const ways = eras.flatMap((era) => [['HTTP', era, overHttp] as const, ['stdio', era, overStdio] as const]);
const soon = { timeout: 60_000 };

test.each(ways)(
  'over %s a client of %s is told of what another process changes: the list, and what it subscribed to alone',
  async (_way, era, connect) => {
    const dataDir = await temporaryDirectory();
    const other = await openedApp({ data, settings: { dataDir } });
    const client = await connect(dataDir, era);
    await client.listResources();
    const told = await follow(client, era, [plants]);
    await put(other, 'stones');
    await put(other, 'plants');
    await expect.poll(() => told.updated, soon).toEqual([plants]);
    const before = told.lists;
    await put(other, 'birds');
    await expect.poll(() => told.lists, soon).toBe(before + 1);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('hydrogen://collections/main/birds');
    expect(told.updated).not.toContain(stones);
  },
);

test.each(eras)('a client of %s is told of its own changes, too', async (era) => {
  const client = await overStdio(await temporaryDirectory(), era);
  await call(client, 'insert', { collection: 'plants', documents: [{ _id: 1 }] });
  const told = await follow(client, era, [plants]);
  await call(client, 'insert', { collection: 'plants', documents: [{ _id: 2 }] });
  await expect.poll(() => told.updated, soon).toEqual([plants]);
});

test('after unsubscribing nothing is told any more', async () => {
  const dataDir = await temporaryDirectory();
  const other = await openedApp({ data, settings: { dataDir } });
  const client = await overHttp(dataDir, '2025-11-25');
  const told = await follow(client, '2025-11-25', [plants, stones]);
  await client.unsubscribeResource({ uri: plants });
  await put(other, 'plants');
  await put(other, 'stones');
  await expect.poll(() => told.updated, soon).toEqual([stones]);
});

test('a resource that is not there cannot be subscribed to, and a subscription says which ones are watched', async () => {
  const dataDir = await temporaryDirectory();
  await openedApp({ data, settings: { dataDir } });
  const legacy = await overHttp(dataDir, '2025-11-25');
  await expect(legacy.subscribeResource({ uri: 'hydrogen://nothing' })).rejects.toThrow(/not found/i);
  const modern = await overHttp(dataDir, '2026-07-28');
  const { honoredFilter } = await modern.listen({ resourceSubscriptions: [plants, 'hydrogen://nothing'] });
  expect(honoredFilter).toEqual({ resourceSubscriptions: [plants] });
});

test.each([
  'hydrogen://runs/nonsense',
  'hydrogen://exports/nonsense',
  'hydrogen://collections/main/100%',
  'hydrogen://collections/main',
  'hydrogen://plants',
])('%s, which can never be there, is not subscribed to, and the error says what there is', async (uri) => {
  const client = await overHttp(await temporaryDirectory(), '2025-11-25');
  await expect(client.subscribeResource({ uri })).rejects.toThrow(
    /not found: .*There are health:\/\/live, .*hydrogen:\/\/collections\/\{database\}\/\{collection\}/,
  );
  await client.subscribeResource({ uri: 'hydrogen://collections/main/later' });
});

test('what never changes while a server runs is not declared to change', async () => {
  for (const [, era, connect] of ways) {
    const client = await connect(await temporaryDirectory(), era);
    const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
    expect(resources).toEqual({ listChanged: true, subscribe: true });
    // A session over HTTP may go on after a restart, with other settings.
    const lists = connect === overHttp && era === '2025-11-25' ? { listChanged: true } : {};
    expect([tools, prompts]).toEqual([lists, lists]);
  }
});

test('a client whose session goes on after a restart is told that all lists may have changed', async () => {
  const dataDir = await temporaryDirectory();
  const start = async (httpPort: number, enableWrites: boolean) =>
    serveOnHttp(await openedApp({ settings: { dataDir, httpPort, enableWrites } }));
  const first = await start(0, false);
  const client = newClient('2025-11-25');
  const changed = new Set<string>();
  for (const list of ['tools', 'prompts', 'resources'] as const) {
    client.setNotificationHandler(`notifications/${list}/list_changed`, () => void changed.add(list));
  }
  await client.connect(new StreamableHTTPClientTransport(new URL(first.url)));
  onTestFinished(() => client.close());
  const names = async () => (await client.listTools()).tools.map(({ name }) => name);
  expect(await names()).not.toContain('insert');
  await first.close();
  const second = await start(Number(new URL(first.url).port), true);
  onTestFinished(() => second.close());
  await expect.poll(() => [...changed].sort(), soon).toEqual(['prompts', 'resources', 'tools']);
  expect(await names()).toContain('insert');
});

/** Whether the client has the tool `count`, by what its role says. */
const withCount = (isThere: boolean) => ({
  localRole: 'analyst',
  roles: { analyst: { operations: ['read' as const], tools: isThere ? ['find', 'count'] : ['find'] } },
});

/** A client whose role gains a tool while it is connected, by settings that are read again. */
const gaining = {
  async HTTP(era: Era) {
    const app = await openedApp({ settings: { httpPort: 0, ...withCount(false) } });
    const server = await serveOnHttp(app);
    onTestFinished(() => server.close());
    const client = newClient(era);
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    onTestFinished(() => client.close());
    const given = { dataDir: app.dataDirectory, ...withoutExtras, httpPort: 0, ...withCount(true) };
    return { client, gain: () => app.reread({ config: settings.parse(given), files: [] }) };
  },
  async stdio(era: Era) {
    const dataDir = await temporaryDirectory();
    const write = (isThere: boolean) =>
      writeFile(join(dataDir, 'hydrogen.json'), JSON.stringify(withCount(isThere)), { mode: 0o600 });
    await write(false);
    const { client } = await stdioClient({ ...bare, dataDir }, era);
    return { client, gain: () => write(true) };
  },
};

test.each(eras.flatMap((era) => [['HTTP', era] as const, ['stdio', era] as const]))(
  'over %s a client of %s whose role may do something else, by settings that were read again, is told to list again',
  async (way, era) => {
    const { client, gain } = await gaining[way](era);
    const changed = new Set<string>();
    for (const list of ['tools', 'prompts', 'resources'] as const) {
      client.setNotificationHandler(`notifications/${list}/list_changed`, () => void changed.add(list));
    }
    if (era === '2026-07-28') {
      await client.listen({ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true });
    }
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    expect(await names()).toEqual(['find']);
    await gain();
    await expect.poll(() => [...changed].sort(), soon).toEqual(['prompts', 'resources', 'tools']);
    expect(await names()).toEqual(['find', 'count']);
  },
);
