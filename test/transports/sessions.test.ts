import { setTimeout as delay } from 'node:timers/promises';
import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import type { GivenSettings } from '../../src/config.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createLog } from '../../src/observability/log.ts';
import type { Authenticate } from '../../src/policy/authentication.ts';
import { createKeyRing } from '../../src/stores/data-directory.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { newClient, openedApp } from '../support/connected.ts';

const data = { plants: [{ _id: 1, name: 'one' }] };

interface Served extends HttpServer {
  sessions(): Promise<number>;
  /** Makes a collection. */
  put(collection: string): Promise<unknown>;
}

/** A server on a data directory, as after a start. */
async function served(
  settings: Partial<GivenSettings> = {},
  authenticate?: Authenticate,
  given: typeof data | Record<string, never> = data,
): Promise<Served> {
  const app = await openedApp({ data: given, settings: { httpPort: 0, ...settings } });
  const server = await serveOnHttp({ ...app, ...(authenticate && { authenticate }) });
  onTestFinished(() => server.close());
  return {
    ...server,
    async sessions() {
      const headers = { authorization: 'reader' };
      const report = await fetch(server.url.replace(/mcp$/, 'health/detailed'), { headers });
      return ((await report.json()) as { sessions: number }).sessions;
    },
    put: (collection) =>
      app.connections
        .get('embedded')
        .store.put({ database: 'main', collection }, [{ name: 'x' }], { drop: false }, testCall()),
  };
}

interface Connected {
  readonly client: Client;
  readonly session: string;
}

async function connect(url: string): Promise<Connected> {
  const client = newClient('2025-11-25', { elicitation: {} });
  client.setRequestHandler('elicitation/create', async () => ({
    action: 'accept',
    content: { confirm: true },
  }));
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, session: transport.sessionId ?? '' };
}

const find = async ({ client }: Connected) => rowsOf(await call(client, 'find', { collection: 'plants' }));

const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

function send(url: string, session: string, message: unknown = ping, more: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session,
      ...more,
    },
    body: JSON.stringify(message),
  });
}

/** A session whose client has no open stream. */
async function quietSession(url: string, more: Record<string, string> = {}): Promise<string> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  };
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...more,
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const answer = await fetch(url, { method: 'POST', headers, body });
  await answer.text();
  return answer.headers.get('mcp-session-id') ?? '';
}

interface Stream {
  /** What comes next on it; undefined at its end. */
  next(): Promise<string | undefined>;
}

/** Opens the standing stream of a session. */
async function listen(url: string, session: string): Promise<Stream> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const headers = { accept: 'text/event-stream', 'mcp-session-id': session };
  const answer = await fetch(url, { headers, signal: leave.signal });
  expect(answer.status).toBe(200);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const messages: string[] = [];
  let text = '';
  return {
    async next() {
      while (messages.length === 0) {
        const part = await reader?.read();
        if (part?.value === undefined) return undefined;
        const lines = (text + part.value).split('\n');
        text = lines.pop() ?? '';
        // Others keep the connection open.
        messages.push(...lines.filter((line) => line.startsWith('data: {')));
      }
      return messages.shift();
    },
  };
}

const putAway = (server: Served) => expect.poll(() => server.sessions(), { timeout: 60_000 }).toBe(0);

test('a client that comes back after the idle limit goes on in its session', async () => {
  const server = await served({ httpSessionIdleMs: 100 });
  const session = await quietSession(server.url);
  await putAway(server);
  expect((await send(server.url, session)).status).toBe(200);
});

test('several requests at once that come back after the idle limit are all answered', async () => {
  const server = await served({ httpSessionIdleMs: 100 });
  const session = await quietSession(server.url);
  await putAway(server);
  const answers = await Promise.all([3, 4, 5].map((id) => send(server.url, session, { ...ping, id })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('a session with an open stream is not idle: what it listens to goes on', async () => {
  const server = await served({ httpSessionIdleMs: 50 });
  const session = await quietSession(server.url);
  const stream = await listen(server.url, session);
  const quiet = await quietSession(server.url);
  // By then the session would have been put away as well.
  for (let sweeps = 0; sweeps < 3; sweeps++) {
    expect((await send(server.url, quiet)).status).toBe(200);
    await expect.poll(() => server.sessions(), { timeout: 60_000 }).toBe(1);
  }
  await send(server.url, quiet);
  await server.put('stones');
  expect(await stream.next()).toMatch(/notifications\/resources\/list_changed/);
});

test('a standing stream keeps nobody out: where there is no room, each goes on in turn', async () => {
  const server = await served({ httpSessions: 1 });
  const [first, second] = [await connect(server.url), await connect(server.url)];
  expect(await server.sessions()).toBe(1);
  for (const one of [first, second, first]) expect(await find(one)).toHaveLength(1);
  expect(await server.sessions()).toBe(1);
});

test('after a restart a client goes on in its session, and is asked as before', async () => {
  const dataDir = await temporaryDirectory();
  const settings = { dataDir, enableWrites: true };
  const first = await served(settings);
  const connected = await connect(first.url);
  expect(await find(connected)).toHaveLength(1);
  await first.close();
  const httpPort = Number(new URL(first.url).port);
  await served({ ...settings, httpPort }, undefined, {});
  const args = { collection: 'plants', filter: { _id: 1 }, update: { $set: { name: 'two' } } };
  expect(summaryOf(await call(connected.client, 'update', args))).toMatch(/"changed":1/);
  expect(await find(connected)).toMatchObject([{ name: 'two' }]);
});

test('any process on the data directory continues a session', async () => {
  const dataDir = await temporaryDirectory();
  const [one, other] = [await served({ dataDir }), await served({ dataDir }, undefined, {})];
  expect((await send(other.url, await quietSession(one.url))).status).toBe(200);
});

test('a session outlives a rotation of the keys, and not the keys themselves', async () => {
  const dataDir = await temporaryDirectory();
  const server = await served({ dataDir, httpSessionIdleMs: 100 });
  const session = await quietSession(server.url);
  const keys = createKeyRing(dataDir, createLog('silent'));
  await keys.rotate();
  await putAway(server);
  expect((await send(server.url, session)).status).toBe(200);
  for (let i = 0; i < 3; i++) await keys.rotate();
  await putAway(server);
  expect((await send(server.url, session)).status).toBe(404);
});

test('a session that is too old is not continued', async () => {
  const server = await served({ httpSessionIdleMs: 100, httpSessionMaxAgeMs: 1 });
  const session = await quietSession(server.url);
  await putAway(server);
  const refused = await send(server.url, session);
  expect(refused.status).toBe(404);
  expect(await refused.json()).toMatchObject({
    id: 2,
    error: { message: expect.stringMatching(/Initialize/) },
  });
});

test('an id that was changed is none', async () => {
  const { url } = await served();
  const [key, claims, signature] = (await quietSession(url)).split('.');
  const other = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()), nonce: 'x' }),
  ).toString('base64url');
  expect((await send(url, [key, other, signature].join('.'))).status).toBe(404);
});

const callers: Readonly<Record<string, Caller>> = {
  reader: { id: 'reader', scopes: ['read'] },
  runner: { id: 'runner', scopes: ['read', 'run'] },
};
const authenticate: Authenticate = async ({ authorization = '' }) =>
  callers[authorization] ?? { message: 'Unknown.', challenge: 'Bearer' };

test('a session that was put away is continued by its caller alone', async () => {
  const server = await served({ httpSessionIdleMs: 100 }, authenticate);
  const session = await quietSession(server.url, { authorization: 'runner' });
  await putAway(server);
  const as = (authorization: string) => send(server.url, session, ping, { authorization });
  expect((await as('reader')).status).toBe(404);
  expect((await as('runner')).status).toBe(200);
  expect((await as('reader')).status).toBe(404);
});

test('a session ends with DELETE for good, also when the empty body is said to be JSON', async () => {
  const server = await served();
  const session = await quietSession(server.url);
  const headers = { 'content-type': 'application/json', 'mcp-session-id': session };
  expect((await fetch(server.url, { method: 'DELETE', headers })).status).toBe(200);
  expect(await server.sessions()).toBe(0);
  expect((await send(server.url, session)).status).toBe(404);
});

test('a call under way is answered with an error before its stream ends with the server', async () => {
  const server = await served({ drainMs: 0, enableWrites: true });
  const client = newClient('2025-11-25', { elicitation: {} });
  const asked = Promise.withResolvers<void>();
  client.setRequestHandler('elicitation/create', async () => {
    asked.resolve();
    await delay(60_000, undefined, { ref: false });
    return { action: 'cancel' };
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  const args = { collection: 'plants', filter: { _id: 1 }, update: { $set: { name: 'two' } } };
  const updated = call(client, 'update', args).then(summaryOf, (error: Error) => error.message);
  await asked.promise;
  await server.close();
  expect(await updated).toMatch(/shutting down/);
});

test('of clients that begin at the same time no more are let in than there may be', async () => {
  const server = await served({ httpSessions: 2 });
  const sessions = await Promise.all([1, 2, 3, 4, 5, 6].map(() => quietSession(server.url)));
  expect(await server.sessions()).toBeLessThanOrEqual(2);
  expect(sessions.filter((id) => id !== '').length).toBeGreaterThanOrEqual(2);
});

test('a session is told that the lists may have changed when another process continues it, not after a pause', async () => {
  const dataDir = await temporaryDirectory();
  const server = await served({ dataDir, httpSessionIdleMs: 100 });
  const session = await quietSession(server.url);
  await putAway(server);
  const after = await listen(server.url, session);
  await server.put('stones');
  expect(await after.next()).toMatch(/notifications\/resources\/list_changed/);

  const other = await served({ dataDir, httpSessionIdleMs: 100 }, undefined, {});
  const there = await listen(other.url, session);
  const told = [await there.next(), await there.next(), await there.next()].join();
  for (const list of ['tools', 'prompts', 'resources']) expect(told).toContain(`${list}/list_changed`);
});

test('where the keys cannot be had, a session is not said to have ended: its client may send the request again', async () => {
  const app = await openedApp({ settings: { httpPort: 0, httpSessionIdleMs: 100 } });
  let isAway = false;
  const signer = async () => {
    if (isAway) throw new HydrogenError('unavailable', 'The test server cannot be reached.');
    return app.signer();
  };
  const server = await serveOnHttp({ ...app, signer });
  onTestFinished(() => server.close());
  const session = await quietSession(server.url);
  const report = () => fetch(server.url.replace(/mcp$/, 'health/detailed'));
  await expect
    .poll(async () => ((await (await report()).json()) as { sessions: number }).sessions, { timeout: 60_000 })
    .toBe(0);
  isAway = true;
  const refused = await send(server.url, session);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    error: { message: 'The session cannot be continued now. The test server cannot be reached.' },
  });
  isAway = false;
  expect((await send(server.url, session)).status).toBe(200);
});
