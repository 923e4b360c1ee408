import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';
import type { Authenticate } from '../../src/policy/authentication.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { networkOf } from '../../src/transports/strangers.ts';
import { openedApp, type Setting } from '../support/connected.ts';
import { rawHttp } from '../support/raw-http.ts';

const callers: Readonly<Record<string, Caller>> = {
  'Bearer ada': { id: 'ada', scopes: ['read'] },
  'Bearer bob': { id: 'bob', scopes: ['read'] },
};
const authenticate: Authenticate = async ({ authorization = '' }) =>
  callers[authorization] ?? { message: 'The token is unknown: send another.', challenge: 'Bearer' };

async function served(settings: Setting['settings'] = {}) {
  const app = await openedApp({ settings: { httpPort: 0, ...settings } });
  const lines: { readonly msg: string; readonly caller?: string }[] = [];
  const log = createLog('info', 'json', (line) => void lines.push(JSON.parse(line)));
  const server = await serveOnHttp({ ...app, authenticate, log });
  onTestFinished(() => server.close());
  return { url: server.url, lines };
}

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

const ask = (
  url: string,
  name: string,
  body: unknown,
  more: Record<string, string> = {},
): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${name}`, ...more },
    body: JSON.stringify(body),
  });

const initialize = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };

/** @returns the id of a new session */
async function begin(url: string, name: string): Promise<string> {
  const answer = await ask(url, name, initialize);
  await answer.text();
  expect(answer.status).toBe(200);
  return answer.headers.get('mcp-session-id') ?? '';
}

/** A stream of the protocol of 2026. */
async function subscribe(url: string, name: string): Promise<Response> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { notifications: { resourcesListChanged: true }, _meta: meta };
  return fetch(url, {
    method: 'POST',
    headers: {
      ...json,
      authorization: `Bearer ${name}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'subscriptions/listen', params }),
    signal: leave.signal,
  });
}

test('a caller with too many requests a minute gets a 429 that says when; its body is not read, others are served', async () => {
  const { url } = await served({ limits: { requestsPerMinute: 2 } });
  await begin(url, 'ada');
  await ask(url, 'ada', ping);
  const port = Number(new URL(url).port);
  const withheld = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ada\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
  const refused = await rawHttp(port, [withheld]);
  expect(refused?.status).toBe(429);
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused?.error?.message).toMatch(/2 requests a minute/);
  await begin(url, 'bob');
});

test('an address with too many wrong tokens has to wait; a caller that is known is served from it', async () => {
  const { url } = await served({ limits: { refusedPerMinute: 3 } });
  await begin(url, 'ada');
  const statuses: number[] = [];
  for (let tries = 0; tries < 5; tries++) statuses.push((await ask(url, `guess ${tries}`, ping)).status);
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  const refused = await ask(url, 'one more', ping);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await begin(url, 'ada');
});

test('a token that was good and is no more does not let anybody pass by the limit', async () => {
  let isGood = true;
  const app = await openedApp({ settings: { httpPort: 0, limits: { refusedPerMinute: 2 } } });
  const server = await serveOnHttp({
    ...app,
    authenticate: async (headers) =>
      isGood ? { id: 'ada', scopes: ['read'] } : authenticate({ ...headers, authorization: 'revoked' }),
  });
  onTestFinished(() => server.close());
  await begin(server.url, 'ada');
  isGood = false;
  const statuses: number[] = [];
  for (let tries = 0; tries < 3; tries++) statuses.push((await ask(server.url, 'ada', ping)).status);
  expect(statuses).toEqual([401, 401, 429]);
});

test('an address that asks much for what there is not has to wait for that, and for nothing else', async () => {
  const { url } = await served({ limits: { refusedPerMinute: 3 } });
  const lost = async (path: string, method = 'GET') => (await fetch(new URL(path, url), { method })).status;
  expect([await lost('/x'), await lost('/exports/x'), await lost('/mcp', 'PUT')]).toEqual([404, 404, 405]);
  expect([await lost('/y'), await lost('/exports/y')]).toEqual([429, 429]);
  expect((await ask(url, 'ada', initialize)).status).toBe(200);
  expect((await ask(url, 'mallory', initialize)).status).toBe(401);
});

test('who has a network of IPv6 addresses is one stranger', () => {
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2::9'));
  expect(networkOf('2001:db8:1:3::9')).not.toBe(networkOf('2001:db8:1:2::9'));
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
});

test('one caller may have so many streams, and all together so many', async () => {
  const { url } = await served({ httpStreams: 3, httpStreamsPerCaller: 2 });
  expect((await subscribe(url, 'ada')).status).toBe(200);
  expect((await subscribe(url, 'ada')).status).toBe(200);
  const refused = await subscribe(url, 'ada');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.json()).toMatchObject({
    id: 3,
    error: { message: expect.stringMatching(/2 open streams/) },
  });
  expect((await subscribe(url, 'bob')).status).toBe(200);
  expect((await subscribe(url, 'bob')).status).toBe(503);
});

test('a stream is open at once, though there is nothing to say on it', async () => {
  const { url } = await served();
  const headers = { ...json, authorization: 'Bearer ada', 'mcp-session-id': await begin(url, 'ada') };
  // Without the comments that come every 15 s.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  expect((await fetch(url, { headers, signal: leave.signal })).status).toBe(200);
});

test('the stream of a session counts, too, and one that ends makes room for another', async () => {
  const { url } = await served({ httpStreamsPerCaller: 1, metrics: true });
  const headers = { authorization: 'Bearer ada', 'mcp-session-id': await begin(url, 'ada') };
  const leave = new AbortController();
  fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal: leave.signal }).catch(() => {});
  const open = async (): Promise<string | undefined> =>
    /^hydrogen_streams (\d+)/m.exec(
      await (await fetch(url.replace(/mcp$/, 'metrics'), { headers })).text(),
    )?.[1];
  await vi.waitFor(async () => expect(await open()).toBe('1'), 10_000);
  expect((await subscribe(url, 'ada')).status).toBe(429);
  leave.abort();
  await vi.waitFor(async () => expect(await open()).toBe('0'), 10_000);
  expect((await subscribe(url, 'ada')).status).toBe(200);
});

test('a flood of sessions of one caller puts away its own, not those of others', async () => {
  const { url, lines } = await served({ httpSessions: 4 });
  const sessions = [await begin(url, 'bob'), await begin(url, 'bob')];
  for (let i = 0; i < 10; i++) await begin(url, 'ada');
  const putAway = lines.filter(({ msg }) => msg === 'session put away').map(({ caller }) => caller);
  expect(putAway).toEqual(Array.from({ length: 8 }, () => 'ada'));
  for (const session of sessions)
    expect((await ask(url, 'bob', ping, { 'mcp-session-id': session })).status).toBe(200);
  expect(lines.map(({ msg }) => msg)).not.toContain('session continued');
});

test('a URL of more characters than any of ours is refused as such', async () => {
  const { url } = await served();
  const answer = await rawHttp(Number(new URL(url).port), [
    `GET /mcp?${'x'.repeat(5_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  ]);
  expect(answer?.status).toBe(414);
});

test('a process above its memory limit refuses new requests with when to try again, and answers health', async () => {
  const { url } = await served({ maxMemoryMb: 1 });
  const refused = await vi.waitFor(async () => {
    const answer = await ask(url, 'ada', ping);
    expect(answer.status).toBe(503);
    return answer;
  }, 10_000);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.json()).toMatchObject({
    error: { message: expect.stringMatching(/try again in a moment/) },
  });
  expect((await fetch(url.replace(/mcp$/, 'health/liveness'))).status).toBe(200);
});

/** Connects, writes and reads nothing; resolves when the server has closed the connection. */
function silentClient(port: number, text: string): { readonly closed: Promise<void> } {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.pause();
  socket.write(text);
  return { closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

test('connections beyond the limit are closed at once', async () => {
  const { url } = await served({ httpConnections: 2 });
  const port = Number(new URL(url).port);
  silentClient(port, 'POST /mcp HTTP/1.1\r\n');
  silentClient(port, 'POST /mcp HTTP/1.1\r\n');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const more = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void more.destroy());
  const closed = new Promise<string>((resolve) => more.once('close', () => resolve('closed')));
  more.on('error', () => {}).resume();
  expect(await closed).toBe('closed');
});
