import { setTimeout } from 'node:timers/promises';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { type Authenticate, isSameCaller } from '../../src/policy/authentication.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { type Era, eras, newClient, openedApp } from '../support/connected.ts';
import { initialize, ping, post } from '../support/requests.ts';

const callers: Readonly<Record<string, Caller>> = {
  'Bearer reader': { id: 'reader', scopes: ['read'] },
  'Bearer runner': { id: 'runner', scopes: ['read', 'run'] },
};
const authenticate: Authenticate = async ({ authorization = '' }) =>
  callers[authorization] ?? {
    message: 'The token is unknown: send another.',
    challenge: 'Bearer realm="test"',
  };

async function opened(how: Authenticate): Promise<HttpServer> {
  const app = await openedApp({ settings: { httpPort: 0, embeddingModel: 'none' } });
  const server = await serveOnHttp({ ...app, authenticate: how });
  onTestFinished(() => server.close());
  return server;
}

const served = async (how: Authenticate = authenticate): Promise<string> => (await opened(how)).url;

function transportOf(url: string, token: string, sessionId?: string): StreamableHTTPClientTransport {
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  return new StreamableHTTPClientTransport(new URL(url), { requestInit, ...(sessionId && { sessionId }) });
}

async function toolsOf(url: string, token: string, era: Era): Promise<string[]> {
  const client = newClient(era);
  await client.connect(transportOf(url, token));
  onTestFinished(() => client.close());
  return (await client.listTools()).tools.map(({ name }) => name);
}

test.each(eras)('over HTTP, each caller of %s is offered the tools of its own scopes', async (era) => {
  const url = await served();
  expect(await toolsOf(url, 'runner', era)).toContain('run_workflow');
  expect(await toolsOf(url, 'reader', era)).not.toContain('run_workflow');
});

test('the session of one caller does not exist for another', async () => {
  const url = await served();
  const opened = await post(url, initialize, { authorization: 'Bearer runner' });
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const unknown = { 'mcp-session-id': 'f3c1f9c2-0000-4000-8000-000000000000' };
  const own = await post(url, ping, { authorization: 'Bearer runner', ...session });
  expect(own.status).toBe(200);
  const taken = await post(url, ping, { authorization: 'Bearer reader', ...session });
  const invented = await post(url, ping, { authorization: 'Bearer reader', ...unknown });
  expect(taken.status).toBe(404);
  expect(await taken.text()).toBe(await invented.text());
});

test('a session ends for a caller whose rights have changed', async () => {
  let scopes: Caller['scopes'] = ['read', 'run'];
  const url = await served(async () => ({ id: 'runner', scopes }));
  const opened = await post(url, initialize);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  scopes = ['read'];
  expect((await post(url, ping, session)).status).toBe(404);
});

test('a scope that is named twice does not stand for another', () => {
  const [few, more] = [['read', 'read'] as const, ['read', 'run'] as const];
  expect(isSameCaller({ id: 'a', scopes: few }, { id: 'a', scopes: more })).toBe(false);
  expect(isSameCaller({ id: 'a', scopes: more }, { id: 'a', scopes: few })).toBe(false);
  expect(isSameCaller({ id: 'a', scopes: few }, { id: 'a', scopes: ['read'] })).toBe(true);
});

test('a caller with other roles or claims is another one, whatever its name', () => {
  const narrowed = { id: 'a', scopes: ['read'] as const, roles: ['analyst'], claims: { tenant: 'north' } };
  expect(isSameCaller(narrowed, { ...narrowed, name: 'Ada', claims: { tenant: 'north' } })).toBe(true);
  expect(isSameCaller(narrowed, { ...narrowed, claims: { tenant: 'south' } })).toBe(false);
  expect(isSameCaller(narrowed, { ...narrowed, roles: [] })).toBe(false);
  const unnarrowed = { id: 'a', scopes: ['read'] as const };
  expect(isSameCaller(unnarrowed, { ...unnarrowed, roles: [] })).toBe(false);
});

test.each([
  ['without', {}],
  ['with', { statusCode: 401 }],
  ['with', { statusCode: 503 }],
  ['with', { statusCode: 200 }],
])('when nobody can say who calls, an error %s a status of its own %j is not told', async (_with, more) => {
  const url = await served(() => Promise.reject(Object.assign(new Error('a secret'), more)));
  const failed = await post(url, ping);
  expect(failed.status).toBe(500);
  expect(await failed.json()).toMatchObject({
    jsonrpc: '2.0',
    error: { message: expect.stringMatching(/log/) },
  });
});

/** Knows who sends a request only once it is told, while it is slow. */
function slowly() {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isSlow = false;
  const slow = (is: boolean): void => {
    isSlow = is;
  };
  const how: Authenticate = async () => {
    if (isSlow) {
      asked.resolve();
      await answer.promise;
    }
    return { id: 'reader', scopes: ['read'] };
  };
  return { how, asked: asked.promise, answer: answer.resolve, slow };
}

test('a client that leaves before it is known who it is leaves nothing behind', async () => {
  const { how, asked, answer, slow } = slowly();
  const server = await opened(how);
  const session = {
    'mcp-session-id': (await post(server.url, initialize)).headers.get('mcp-session-id') ?? '',
  };
  const streamOf = (signal: AbortSignal) =>
    fetch(server.url, { headers: { accept: 'text/event-stream', ...session }, signal });
  slow(true);
  const leaving = new AbortController();
  const left = [
    streamOf(leaving.signal),
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...session },
      body: JSON.stringify(ping),
      signal: leaving.signal,
    }),
  ];
  await asked;
  await setTimeout(50);
  leaving.abort();
  await Promise.allSettled(left);
  await setTimeout(50);
  answer();
  slow(false);
  // A session has one stream at a time.
  const staying = new AbortController();
  expect((await streamOf(staying.signal)).status).toBe(200);
  staying.abort();
  await setTimeout(50);
  const begun = Date.now();
  await server.close();
  expect(Date.now() - begun).toBeLessThan(5_000);
});

test('a request of which it is not yet known who sends it is answered when the server stops', async () => {
  const { how, asked, answer, slow } = slowly();
  const server = await opened(how);
  slow(true);
  const request = post(server.url, ping);
  await asked;
  const closed = server.close();
  await setTimeout(50);
  answer();
  expect((await request).status).toBe(503);
  await closed;
});

test('a request of nobody known is refused before its body is read, with what to send', async () => {
  const url = await served();
  const refused = await post(
    url,
    { ...ping, params: 'x'.repeat(5_000_000) },
    { authorization: 'Bearer stolen' },
  );
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="test"');
  expect(await refused.json()).toMatchObject({ error: { message: 'The token is unknown: send another.' } });
});

test('while it cannot be found out who calls, the answer says when to try again', async () => {
  const url = await served(async () => ({ status: 503, message: 'Try again in a few seconds.' }));
  const answer = await post(url, ping, { authorization: 'Bearer reader' });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
});
