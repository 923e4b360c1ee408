import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Operation } from '../../src/call.ts';
import { newKeyId, newSecret } from '../../src/policy/api-keys.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { call, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { eras, openedApp, sharedApp } from '../support/connected.ts';
import { httpClient } from '../support/process.ts';
import { initialize, ping, post } from '../support/requests.ts';

interface Served {
  readonly url: string;
  /** A key that the store has. */
  created(
    scopes?: readonly Operation[],
    more?: { roles?: readonly string[] },
  ): Promise<{ id: string; key: string }>;
  revoke(id: string): Promise<unknown>;
  at(path: string, key?: string): Promise<Response>;
  post(message: unknown, headers?: Record<string, string>): Promise<Response>;
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const setting = { data: { plants: [{ name: 'one' }] }, settings: { httpPort: 0 } } as const;

const servedAt = (app: App, url: string): Served => ({
  url,
  async created(scopes = ['read'], more = {}) {
    const id = newKeyId();
    const { key, hash } = newSecret(id);
    await app.apiKeys.add({ id, name: 'test', hash, scopes, createdAt: Date.now(), ...more }, testCall());
    return { id, key };
  },
  revoke: (id) => app.apiKeys.revoke(id, Date.now(), testCall()),
  at: (path, key) => fetch(new URL(path, url), { headers: key === undefined ? {} : bearer(key) }),
  post: (message, headers) => post(url, message, headers),
});

/** A server for one test, which has never had a key. */
async function servedFresh(): Promise<Served> {
  const app = await openedApp(setting);
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  return servedAt(app, server.url);
}

const app = sharedApp(setting);
let server: Awaited<ReturnType<typeof serveOnHttp>> | undefined;
beforeAll(async () => {
  server = await serveOnHttp(app());
});
afterAll(() => server?.close());

/** The server of all tests that have keys: each has its own. */
const served = (): Served => servedAt(app(), server?.url ?? '');

/** Until the server has looked for keys again. */
const eventually = (ask: () => Promise<Response>, status: number): Promise<unknown> =>
  expect.poll(async () => (await ask()).status, { timeout: 20_000, interval: 100 }).toBe(status);

test.each(eras)('a client of %s with a key is offered what its scopes allow', async (era) => {
  const { url, created } = served();
  const { key } = await created(['read']);
  const client = await httpClient(url, era, { requestInit: { headers: bearer(key) } });
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain('find');
  expect(names).not.toContain('run_workflow');
});

test('on this machine nobody needs a key as long as there has never been one', async () => {
  const { post, created } = await servedFresh();
  expect((await post(initialize)).status).toBe(200);
  const { key } = await created();
  await eventually(() => post(initialize), 401);
  expect((await post(initialize, bearer(key))).status).toBe(200);
});

test('a key that was revoked was a key: nobody comes in without one', async () => {
  const { post, created, revoke } = await servedFresh();
  const { id } = await created();
  await revoke(id);
  expect((await post(initialize)).status).toBe(401);
});

test('a key that is not known here is refused, also where nobody needs one', async () => {
  const { post } = await servedFresh();
  expect((await post(initialize, bearer(newSecret(newKeyId()).key))).status).toBe(401);
});

test('without a key nothing is reached but whether the server lives and is ready', async () => {
  const { created, at, post } = served();
  await created();
  const status = async (path: string) => (await at(path)).status;
  expect((await post(initialize)).status).toBe(401);
  expect(await status('/mcp')).toBe(401);
  expect(await status('/health')).toBe(401);
  expect(await status('/health/detailed')).toBe(401);
  expect(await (await at('/health/liveness')).json()).toEqual({ status: 'up' });
  expect(await (await at('/health/readiness')).json()).toEqual({ ready: true });
});

test('who sends nothing is told what to send, and not where tokens are to be had when there are none', async () => {
  const { created, post } = served();
  await created();
  const refused = await post(initialize);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="hydrogen"');
  expect(await refused.json()).toMatchObject({
    error: { message: expect.stringContaining('Authorization: Bearer') },
  });
});

test.each([
  ['Basic YTpi', /is not as it should be/],
  ['Bearer', /is not as it should be/],
  ['Bearer a b', /is not as it should be/],
  ['Bearer something', /Only API keys are accepted/],
])('the credentials "%s" are refused with the reason', async (authorization, reason) => {
  const { created, post } = served();
  await created();
  const refused = await post(initialize, { authorization });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringMatching(reason) } });
});

test('the session of a key that is revoked ends with it', async () => {
  const { created, revoke, post } = served();
  const { id, key } = await created();
  await created();
  const opened = await post(initialize, bearer(key));
  const session = { ...bearer(key), 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  expect((await post(ping, session)).status).toBe(200);
  await revoke(id);
  await eventually(() => post(ping, session), 401);
});

async function ended(stream: Response): Promise<boolean> {
  const reader = stream.body?.getReader();
  try {
    while (!(await reader?.read())?.done);
  } catch {
    // It was cut off.
  }
  return true;
}

test('the open stream of a key that is revoked is closed, others stay', async () => {
  const { url, created, revoke, post } = served();
  const [gone, staying] = [await created(), await created()];
  const open = async (key: string) => {
    const opened = await post(initialize, bearer(key));
    const session = opened.headers.get('mcp-session-id') ?? '';
    const headers = { ...bearer(key), accept: 'text/event-stream', 'mcp-session-id': session };
    const leave = new AbortController();
    onTestFinished(() => leave.abort());
    return fetch(url, { headers, signal: leave.signal });
  };
  const [first, second] = [await open(gone.key), await open(staying.key)];
  expect([first.status, second.status]).toEqual([200, 200]);
  let hasEnded = false;
  const stays = ended(second).then(() => {
    hasEnded = true;
  });
  await revoke(gone.id);
  expect(await ended(first)).toBe(true);
  expect(hasEnded).toBe(false);
  void stays;
});

test('the subscription of a key that is revoked is closed', async () => {
  const { url, created, revoke } = served();
  const { id, key } = await created();
  await created();
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  };
  const stream = await fetch(url, {
    method: 'POST',
    headers: {
      ...bearer(key),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' },
      params: { notifications: { resourcesListChanged: true }, _meta: meta },
    }),
  });
  expect(stream.status).toBe(200);
  await revoke(id);
  expect(await ended(stream)).toBe(true);
});

test.each([
  ['a key with the scope read', ['read'] as const, {}, 200],
  ['a key without it', ['run'] as const, {}, 403],
  ['a key with roles', ['read'] as const, { roles: ['analyst'] }, 403],
])('the details of health, with %s', async (_what, scopes, more, status) => {
  const { created, at } = served();
  const { key } = await created(scopes, more);
  expect((await at('/health/detailed', key)).status).toBe(status);
});

test('a link to an export opens without a key, as long as the key is good that it was made for', async () => {
  const { url, created, revoke } = served();
  const { id, key } = await created();
  const client = await httpClient(url, '2026-07-28', { requestInit: { headers: bearer(key) } });
  const exported = await call(client, 'export', { collection: 'plants' });
  const [address = ''] = /http:\S+/.exec(summaryOf(exported)) ?? [];
  expect((await fetch(address)).status).toBe(200);
  await revoke(id);
  expect((await fetch(address)).status).toBe(404);
});
