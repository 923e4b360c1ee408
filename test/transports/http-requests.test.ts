import { expect, onTestFinished, test } from 'vitest';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { eras, openedApp } from '../support/connected.ts';
import { post, type RawResponse, rawHttp } from '../support/raw-http.ts';
import { paramsOf } from '../support/raw-server.ts';

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 'first',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
const ping = (id: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' });
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const get = (path: string, headers = 'Host: localhost\r\n'): string[] => [
  `GET ${path} HTTP/1.1\r\n${headers}\r\n`,
];

type Ask = (parts: readonly (string | Uint8Array)[], end?: boolean) => Promise<RawResponse | undefined>;

async function served(httpRequestTimeoutMs = 15_000): Promise<HttpServer & { ask: Ask }> {
  const app = await openedApp({ settings: { httpPort: 0, httpRequestTimeoutMs } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  return { ...server, ask: (parts, end = false) => rawHttp(port, parts, { end }) };
}

/** The header of a new session. */
async function sessionOf(ask: Ask): Promise<string> {
  const answer = await ask(post(initialize));
  return `Mcp-Session-Id: ${answer?.headers['mcp-session-id']}\r\n`;
}

type Row = readonly [
  what: string,
  parts: readonly (string | Uint8Array)[],
  status: number,
  says: RegExp,
  more?: { readonly id?: unknown; readonly end?: boolean; readonly allow?: string },
];

const refusals: readonly Row[] = [
  ['no JSON', post('hello'), 400, /not JSON.*'h'/],
  ['NaN', post('{"id":NaN}'), 400, /not JSON/],
  ['null', post('null'), 400, /not null/],
  ['a number', post('5'), 400, /not a number/],
  ['text', post('"x"'), 400, /not text/],
  ['an empty list', post('[]'), 400, /batch is empty/],
  ['an empty body', post(''), 400, /body is empty/],
  ['no JSON-RPC', post('{}'), 400, /"jsonrpc": "2\.0"/],
  ['bytes that are not UTF-8', post(Uint8Array.from([0x22, 0xff, 0x22])), 400, /not UTF-8/],
  ['a method that is no text', post('{"jsonrpc":"2.0","id":7,"method":5}'), 400, /must be text/, { id: 7 }],
  [
    'params that are a list',
    post('{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}'),
    400,
    /not a list/,
    { id: 7 },
  ],
  ['an id of null', post('{"jsonrpc":"2.0","id":null,"method":"ping"}'), 400, /"id".*not null/],
  [
    'initialize without params',
    post('{"jsonrpc":"2.0","id":7,"method":"initialize"}'),
    400,
    /protocolVersion/,
    { id: 7 },
  ],
  ['two requests with one id', post(`[${ping(1)},${ping(1)}]`), 400, /have the id 1/],
  ['a list with something else in it', post(`[${ping(1)},5]`), 400, /Message 2: .*not a number/],
  ['no session', post(ping(7)), 400, /begin with initialize/, { id: 7 }],
  ['a session that is gone', post(ping(7), 'Mcp-Session-Id: gone\r\n'), 404, /Session not found/, { id: 7 }],
  ['a version that is none', post(ping(7), 'MCP-Protocol-Version: 1\r\n'), 400, /2025-11-25/, { id: 7 }],
  [
    '6,000 levels',
    post(`{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":${nested(6_000)}}}`),
    400,
    /1,000 levels/,
    { id: 7 },
  ],
  ['a million levels', post(nested(1_000_000)), 400, /1,000 levels/],
  ['another type', post(initialize, 'Content-Type: text/plain\r\n'), 415, /text\/plain.*application\/json/],
  ['no type that can be', post(initialize, 'Content-Type: ;;\r\n'), 415, /application\/json/],
  [
    'another charset',
    post(initialize, 'Content-Type: application/json; charset=utf-16\r\n'),
    415,
    /utf-16.*UTF-8/,
  ],
  ['a compressed body', post(initialize, 'Content-Encoding: gzip\r\n'), 415, /gzip.*as it is/],
  ['a body that is too large', post(JSON.stringify('x'.repeat(5 * 2 ** 20))), 413, /larger than 4 MiB/],
  ['a length that is no number', post('null', 'Content-Length: -4\r\n'), 400, /Content-Length/],
  ['two lengths', post('null', 'Content-Length: 4\r\nContent-Length: 5\r\n'), 400, /Content-Length/],
  [
    'a length and chunks',
    post('0\r\n\r\n', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
    400,
    /Transfer-Encoding/,
  ],
  ['a chunk of no size', post('zz\r\nnull\r\n', 'Transfer-Encoding: chunked\r\n'), 400, /chunk size/],
  ['a body that is cut off', post('null', 'Content-Length: 400\r\n'), 400, /was incomplete/, { end: true }],
  ['100-continue before a bad body', post('null', 'Expect: 100-continue\r\n'), 400, /not null/],
  ['another expectation', post('null', 'Expect: fish\r\n'), 417, /fish/],
  ['no HTTP', ['GET / nonsense\r\n\r\n'], 400, /not HTTP/],
  ['TLS', [Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])], 400, /not HTTPS/],
  [
    'a header that is too large',
    get('/mcp', `Host: localhost\r\nX: ${'y'.repeat(20_000)}\r\n`),
    431,
    /16 KB/,
  ],
  ['a header that is none', get('/mcp', 'Host: localhost\r\nX y: 1\r\n'), 400, /header/],
  ['a path that is none', get('/%zz'), 400, /%zz/],
  ['an unknown path', get('/nothing'), 404, /nothing at \/nothing.*\/mcp/],
  [
    'an unknown path with a message',
    [post(ping(7)).join('').replace('/mcp', '/nope')],
    404,
    /\/nope/,
    { id: 7 },
  ],
  ['a GET that takes no events', get('/mcp'), 406, /text\/event-stream/],
  ...['PUT', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND'].map(
    (method): Row => [
      `${method} at /mcp`,
      [`${method} /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n`],
      405,
      new RegExp(`${method} is not allowed`),
      { allow: 'GET, POST, DELETE' },
    ],
  ),
  [
    'POST at /health',
    [post(ping(7)).join('').replace('/mcp', '/health')],
    405,
    /POST is not/,
    { id: 7, allow: 'GET, HEAD' },
  ],
  [
    'CONNECT',
    ['CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    405,
    /no proxy/,
    { allow: 'GET, POST, DELETE' },
  ],
  [
    'an invented method',
    ['FOO /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    405,
    /not one of GET/,
    { allow: 'GET, POST, DELETE' },
  ],
];

test('every request that is not served is answered with what was wrong', async () => {
  const { ask } = await served();
  for (const [what, parts, status, says, { id = null, end = false, allow } = {}] of refusals) {
    const answer = await ask(parts, end);
    expect(answer?.status, what).toBe(status);
    expect(answer?.error, what).toEqual({
      code: expect.any(Number),
      message: expect.stringMatching(says),
      id,
    });
    expect(answer?.headers['content-type'], what).toMatch(/^application\/json/);
    expect(answer?.headers['allow'], what).toBe(allow);
    expect(answer?.body, what).not.toMatch(/\bat .*:\d+:\d+|\/src\/|node_modules/);
  }
  expect((await ask(post(initialize)))?.status).toBe(200);
});

test('HEAD is answered without a body', async () => {
  const { ask } = await served();
  const head = (path: string) =>
    ask([`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`]);
  expect(await head('/mcp')).toMatchObject({
    status: 405,
    body: '',
    headers: { allow: 'GET, POST, DELETE' },
  });
  expect(await head('/health/liveness')).toMatchObject({ status: 200, body: '' });
});

test('a header or a body that does not end is given up with the reason', async () => {
  const { ask } = await served(300);
  const late = [
    ['POST /mcp HTTP/1.1\r\nHost:'],
    post('null', 'Content-Length: 400\r\n'),
    post('4\r\nnull\r\n', 'Transfer-Encoding: chunked\r\n'),
  ];
  for (const answer of await Promise.all(late.map((parts) => ask(parts)))) {
    expect(answer).toMatchObject({
      status: 408,
      error: { message: expect.stringMatching(/complete in time/) },
    });
  }
});

const names = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  'LocalHost',
  'evil.example',
  'localhost.',
  '',
  '[::]',
  '0.0.0.0',
  '::1',
  '[::1',
  '127.0.0.1.evil',
  'xn--lcalhost-5gb',
];
const before = ['', 'foo@', '@', 'http://', '%', 'evil.example#', 'evil.example\\'];
const behind = [
  '',
  ':80',
  ':0',
  ':65535',
  ':65536',
  ':99999999999',
  ':-1',
  ':x',
  ':',
  '/',
  '/path',
  '?q',
  '#f',
  '%00',
  '\\',
  '.',
  '@evil.example',
  ',localhost',
];
const hosts = names.flatMap((name) =>
  before.flatMap((front) => behind.map((back) => `${front}${name}${back}`)),
);
const good = /^(localhost|127\.0\.0\.1|\[::1\])(:(80|0|65535))?$/i;

test(`${hosts.length} forms of Host are answered, and only those of this machine are served`, async () => {
  const { ask } = await served();
  for (let at = 0; at < hosts.length; at += 100) {
    await Promise.all(
      hosts.slice(at, at + 100).map(async (host) => {
        const answer = await ask(get('/health/liveness', `Host: ${host}\r\nConnection: close\r\n`));
        if (good.test(host.trim())) expect(answer?.status, host).toBe(200);
        else expect([400, 403], host).toContain(answer?.status);
        expect(answer?.body, host).not.toBe('');
      }),
    );
  }
});

test.each([
  ['two Hosts', 'Host: localhost\r\nHost: evil.example\r\n', 400],
  ['no Host', '', 400],
  ['a Host in bytes', 'Host: l\u00f6calhost\r\n', 403],
  ['two Origins', 'Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\n', 400],
  ['an Origin with a user', 'Host: localhost\r\nOrigin: http://localhost@evil.example\r\n', 403],
  ['an Origin of null', 'Host: localhost\r\nOrigin: null\r\n', 403],
  ['an Origin that is none', 'Host: localhost\r\nOrigin: ::::\r\n', 403],
  ['an Origin of a port that cannot be', 'Host: localhost\r\nOrigin: http://localhost:99999\r\n', 403],
  ['an Origin of this machine', 'Host: localhost\r\nOrigin: http://localhost:5173\r\n', 200],
])('%s: answered with %s', async (_what, headers, status) => {
  const { ask } = await served();
  expect((await ask(get('/health/liveness', headers)))?.status).toBe(status);
});

test('a target in absolute form is served for this machine only', async () => {
  const { ask } = await served();
  expect((await ask(get('http://localhost:1/health/liveness')))?.status).toBe(200);
  for (const host of ['evil.example', 'a@localhost', 'localhost:99999', '']) {
    expect((await ask(get(`http://${host}/health/liveness`)))?.status, host).toBe(403);
  }
});

test.each(eras)(
  'a failure after the reply was taken over is answered without its details in %s',
  async (era) => {
    const app = await openedApp({ settings: { httpPort: 0 } });
    const broken = Object.defineProperty({ ...app }, 'connections', {
      get() {
        throw new Error('at /secret/place.ts:1:1');
      },
    });
    const server = await serveOnHttp(broken);
    onTestFinished(() => server.close());
    const modern = JSON.stringify({
      jsonrpc: '2.0',
      id: 'first',
      method: 'tools/list',
      params: paramsOf(era),
    });
    const headers = 'MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n';
    const parts = era === '2025-11-25' ? post(initialize) : post(modern, headers);

    const answer = await rawHttp(Number(new URL(server.url).port), parts);

    expect(answer).toMatchObject({ status: 500, error: { code: -32603, id: 'first' } });
    expect(answer?.body).not.toContain('secret');
  },
);

/** A session in which a call waits until it is let go. */
async function withCallUnderWay() {
  const app = await openedApp({ settings: { httpPort: 0 } });
  let [begin, letGo] = [(): void => {}, (): void => {}];
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const report: typeof app.health.report = async () => {
    begin();
    await released;
    return { status: 'up', version: '1', uptimeSeconds: 1, parts: [] };
  };
  const server = await serveOnHttp({ ...app, health: { ...app.health, report } });
  onTestFinished(() => server.close());
  const ask: Ask = (parts) => rawHttp(Number(new URL(server.url).port), parts);
  const session = await sessionOf(ask);
  const call = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'health' } });
  const waiting = ask(post(call, session));
  await begun;
  return { ask, session, call, waiting, letGo };
}

test('a request whose id is under way in its session is refused, and the first is answered', async () => {
  const { ask, session, call, waiting, letGo } = await withCallUnderWay();
  expect(await ask(post(call, session))).toMatchObject({
    status: 400,
    error: { id: 5, message: expect.stringMatching(/already in use/) },
  });
  letGo();
  expect((await waiting)?.body).toMatch(/"uptimeSeconds[^\n]*"id":5/);
  expect((await ask(post(call, session)))?.status).toBe(200);
});

test('a request under way is answered when its session ends', async () => {
  const { ask, session, waiting } = await withCallUnderWay();
  await ask([`DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n${session}\r\n`]);
  expect((await waiting)?.error).toMatchObject({ id: 5, message: expect.stringMatching(/session ended/) });
});

test('what waits for a request that was cancelled does not wait on', async () => {
  const { ask, session, waiting } = await withCallUnderWay();
  const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}';
  expect((await ask(post(cancel, session)))?.status).toBe(202);
  expect(await waiting).toMatchObject({ status: 200, error: undefined });
});

test('several messages in a list are answered one by one, as 2025-03-26 has it', async () => {
  const { ask } = await served();
  const answer = await ask(post(`[${ping(1)},${ping('two')}]`, await sessionOf(ask)));
  expect(answer?.status).toBe(200);
  expect(answer?.body).toMatch(/"id":1.*"id":"two"/s);
});
