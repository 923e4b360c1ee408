import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemCall } from '../../src/call.ts';
import type { GivenSettings } from '../../src/config.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { call, rowsOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { eras, openedApp, sharedApp } from '../support/connected.ts';
import { httpClient } from '../support/process.ts';

const data = { plants: [{ name: 'one' }] };
const shared = sharedApp({ data, settings: { httpPort: 0 } });
/** A server for all tests that neither change its settings nor count its sessions. */
let common: HttpServer & { base: string };

const withBase = (server: HttpServer) => ({ ...server, base: server.url.replace(/\/mcp$/, '') });

beforeAll(async () => {
  common = withBase(await serveOnHttp(shared()));
});
afterAll(() => common.close());

async function served(settings: Partial<GivenSettings> = {}): Promise<HttpServer & { base: string }> {
  const app = await openedApp({ data, settings: { httpPort: 0, ...settings } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  return withBase(server);
}

/** A plain request; `fetch` would not send a Host of our choice. */
function raw(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
  body = '',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test.each(eras)('a client of %s calls tools, reads resources and gets prompts over HTTP', async (era) => {
  const { url } = common;
  const client = await httpClient(url, era);
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  expect(rowsOf(await call(client, 'find', { collection: 'plants' }))).toHaveLength(1);
  expect((await client.readResource({ uri: 'health://live' })).contents).toHaveLength(1);
  expect((await client.listPrompts()).prompts).toHaveLength(3);
});

test.each(eras)(
  'what shows a tool that is switched off is not there for a client of %s over HTTP',
  async (era) => {
    const { url } = await served({ disabledTools: ['describe_collection'] });
    const client = await httpClient(url, era);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).not.toContain(
      'hydrogen://collections/main/plants',
    );
    await expect(client.readResource({ uri: 'hydrogen://collections/main/plants' })).rejects.toThrow(
      /not found/i,
    );
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['answer_from_documents']);
  },
);

test.each(['/health', '/health/', '/health/liveness', '/health/readiness', '/health/detailed'])(
  '%s answers',
  async (path) => {
    const { base } = common;
    const response = await fetch(base + path);
    expect(response.status).toBe(200);
    expect(await response.json()).toBeTypeOf('object');
  },
);

test('the detailed health tells CPU, memory, disk and the state of every part', async () => {
  const { base } = common;
  const report = await (await fetch(`${base}/health/detailed`)).json();
  expect(report).toMatchObject({
    status: 'up',
    process: {
      cpuSeconds: expect.any(Number),
      residentMb: expect.any(Number),
      diskFreeMb: expect.any(Number),
    },
    parts: expect.arrayContaining([expect.objectContaining({ name: 'store', state: 'up' })]),
  });
});

test('readiness is refused with 503 when the store cannot be opened, and liveness is not', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  const app = await openedApp({ settings: { httpPort: 0, dataDir: join(file, 'data') } });
  const { url, close } = await serveOnHttp(app);
  onTestFinished(close);
  const at = (path: string): Promise<Response> => fetch(url.replace(/\/mcp$/, path));
  const refused = await at('/health/readiness');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toEqual({ ready: false });
  expect((await at('/health/liveness')).status).toBe(200);
});

test.each([
  ['a Host of another name', { host: 'evil.example' }],
  ['an Origin of another site', { origin: 'https://evil.example' }],
])('%s is refused on every path', async (_what, headers) => {
  const { base, url } = common;
  for (const target of [url, `${base}/health/detailed`])
    expect((await raw(target, headers)).status).toBe(403);
});

test.each([
  ['text that is not JSON', '{"jsonrpc"', 'application/json', 400],
  ['a body of another type', 'hello', 'text/plain', 415],
  ['a body that is too large', JSON.stringify({ a: 'x'.repeat(5 * 2 ** 20) }), 'application/json', 413],
  ['a request without a session', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 'application/json', 400],
])('%s is refused with a message and no stack', async (_what, body, type, status) => {
  const { url } = common;
  const headers = { 'content-type': type, accept: 'application/json, text/event-stream' };
  const answer = await raw(url, headers, 'POST', body);
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+/);
});

test('a port that is in use is refused with what to do', async () => {
  const { url } = common;
  const app = await openedApp({ settings: { httpPort: Number(new URL(url).port) } });
  await expect(serveOnHttp(app)).rejects.toThrow(/Port \d+ is in use\. Choose another/);
});

test('an address that this machine does not have is refused with what to do', async () => {
  // Of the block for documentation (RFC 5737), which no machine has.
  const app = await openedApp({ settings: { httpHost: '203.0.113.7', httpPort: 0, httpInsecure: true } });
  await app.apiKeys.add(
    { id: '0123456789ab', name: 'CI', scopes: ['read'], hash: 'unused', createdAt: Date.now() },
    systemCall(app.log),
  );
  await expect(serveOnHttp(app)).rejects.toThrow(
    /httpHost "203\.0\.113\.7" is no address of this machine\. Set one/,
  );
});
