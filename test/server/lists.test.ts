import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Client, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { call } from '../support/answers.ts';
import { clientOf, connected, eras, openedApp } from '../support/connected.ts';

const names = Array.from({ length: 230 }, (_, n) => `plants_${String(n).padStart(3, '0')}`);
const data = Object.fromEntries(names.map((name) => [name, [{ a: 1 }]]));

/** Every page of the resources, as a client goes through them. */
async function pagesOf(client: Client): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.request({
      method: 'resources/list',
      params: cursor === undefined ? {} : { cursor },
    });
    pages.push(page.resources.map(({ uri }) => uri));
    cursor = page.nextCursor;
    if (cursor === undefined) return pages;
  }
}

test('resources are listed page by page, each once', async () => {
  const { app, client } = await connected({ data, settings: { enableIngest: true } });
  for (let n = 0; n < 120; n++) await call(client, 'add_document', { name: `note ${n}`, text: `Note ${n}` });
  for (const era of eras) {
    const pages = await pagesOf(await clientOf(app, { era }));
    expect(pages.map((page) => page.length)).toEqual([203, 120, 30]);
    const all = pages.flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((uri) => uri.includes('/collections/'))).toHaveLength(names.length);
    expect(all.filter((uri) => uri.includes('/documents/'))).toHaveLength(120);
  }
});

test.each(eras)('a cursor that no list gave is an error of its own for a client of %s', async (era) => {
  const { client } = await connected({ era });
  for (const list of ['tools', 'prompts', 'resources', 'resources/templates'] as const) {
    const error = await client
      .request({ method: `${list}/list`, params: { cursor: 'made up' } })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error, list).toMatchObject({
      code: ProtocolErrorCode.InvalidParams,
      message: expect.stringMatching(/cursor/),
    });
  }
});

test('a completion says how many values there are, and whether there are more than it shows', async () => {
  const { client } = await connected({ data });
  const complete = async (value: string) => {
    const ref = { type: 'ref/resource' as const, uri: 'hydrogen://collections/{database}/{collection}' };
    return (await client.complete({ ref, argument: { name: 'collection', value } })).completion;
  };
  expect(await complete('plants_00')).toMatchObject({ total: 10, hasMore: false });
  const many = await complete('plants');
  expect(many).toMatchObject({ total: 230, hasMore: true });
  expect(many.values).toHaveLength(100);
});

const kept = { ttlMs: 7_200_000, cacheScope: 'public' };
const passing = { ttlMs: 0, cacheScope: 'private' };

test('what only a restart changes may be kept for hours, what may change at any time not at all', async () => {
  const app = await openedApp({ data: { plants: [{ a: 1 }] } });
  const client = await clientOf(app);
  expect(await client.request({ method: 'tools/list' })).toMatchObject(kept);
  expect(await client.request({ method: 'prompts/list' })).toMatchObject(kept);
  expect(await client.request({ method: 'resources/templates/list' })).toMatchObject(kept);
  expect(await client.request({ method: 'resources/list' })).toMatchObject(passing);
  const read = (uri: string) => client.request({ method: 'resources/read', params: { uri } });
  expect(await read('health://live')).toMatchObject(passing);
  const exported = await call(client, 'export', { collection: 'plants' });
  const uri =
    exported.content.flatMap((block) => (block.type === 'resource_link' ? [block.uri] : []))[0] ?? '';
  expect(await read(uri)).toMatchObject({ ttlMs: 3_600_000, cacheScope: 'private' });
});

test('where callers differ, what one is offered is not kept for another', async () => {
  const app = await openedApp();
  const caller: Caller = { id: 'reader', scopes: ['read'] };
  const client = await clientOf(app, { caller });
  expect(await client.request({ method: 'tools/list' })).toMatchObject({ ...kept, cacheScope: 'private' });
});

test.each(eras)('a client of %s can show what the server is', async (era) => {
  const { client } = await connected({ era });
  expect(client.getServerVersion()).toMatchObject({
    name: 'hydrogen',
    title: 'Hydrogen',
    description: expect.stringMatching(/documents/),
    icons: [{ src: expect.stringMatching(/^data:image\/svg\+xml;base64,/), mimeType: 'image/svg+xml' }],
  });
});

test('a server of data that never answers does not hold up the list', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const { client } = await connected({ settings: { mongodbUrl: `mongodb://127.0.0.1:${port}/db` } });
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toContain('health://live');
}, 20_000);
