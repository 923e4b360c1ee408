// What is said of a Qdrant server that cannot be used. The answers are those of the published OpenAPI and of Qdrant
// 1.19's sources; most of them no healthy server gives.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createQdrantIndex } from '../../../src/stores/qdrant/qdrant.ts';
import { endpointOf } from '../../../src/stores/qdrant/server.ts';
import { testCall } from '../../support/call.ts';

const secret = 'key-that-nobody-may-see';

type Answer = (response: ServerResponse) => void;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
const refused = (status: number, error: string): Answer => json(status, { status: { error }, time: 0 });
const version = (text: string): Answer =>
  json(200, { title: 'qdrant - vector search engine', version: text });

/** A server that answers `GET /` in one way, and all else in another. */
async function fake(root: Answer, others: Answer): Promise<number> {
  const server: Server = createServer((request, response) => {
    request.resume();
    (request.url === '/' ? root : others)(response);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function said(url: string, timeoutMs = 5_000): Promise<{ code: unknown; message: string }> {
  const settings = { url, apiKey: secret, collection: 'library', setting: 'qdrantUrl', timeoutMs };
  const index = createQdrantIndex(settings);
  try {
    await index.stats(testCall());
  } catch (error) {
    const { code, message } = error as { code: unknown; message: string };
    expect(message).not.toContain(secret);
    expect(message).not.toContain('127.0.0.1');
    expect(message).not.toMatch(/undefined|\bat \/|\{"/);
    return { code, message };
  }
  throw new Error('it was answered');
}

const current = version('1.19.0');
const html: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome to nginx!</body></html>');
};

test.each<[string, Answer, Answer, string, RegExp]>([
  [
    'a wrong key',
    refused(401, 'Must provide an API key'),
    current,
    'not_allowed',
    /refuses the key.*qdrantApiKey/,
  ],
  [
    'a key that may only read',
    current,
    refused(403, 'Forbidden'),
    'not_allowed',
    /refuses the key.*qdrantApiKey/,
  ],
  ['an old version', version('1.16.3'), current, 'not_supported', /version 1\.16\.3\. Use 1\.19 or newer/],
  [
    'something else that speaks HTTP',
    html,
    html,
    'unavailable',
    /does not answer like a Qdrant server.*qdrantUrl|qdrantUrl names does not answer like/,
  ],
  [
    'a path that leads nowhere',
    json(404, {}),
    json(404, {}),
    'unavailable',
    /qdrantUrl names does not answer like a Qdrant server/,
  ],
  [
    'too many requests',
    current,
    json(429, { status: { error: 'rate limit' } }, { 'retry-after': '1' }),
    'unavailable',
    /too much to do/,
  ],
  [
    'too many requests, without saying for how long',
    current,
    refused(429, 'Rate limiting exceeded'),
    'unavailable',
    /too much to do: Rate limiting exceeded/,
  ],
  [
    'a full disk',
    current,
    refused(500, 'Service internal error: No space left on device (os error 28)'),
    'unavailable',
    /no room left.*more disk/,
  ],
  [
    'what a strict collection refuses',
    current,
    refused(400, 'Bad request: Limit exceeded 100 > 50 for "limit"'),
    'not_supported',
    /refuses the request: Bad request: Limit exceeded 100 > 50/,
  ],
  [
    'a failure of its own',
    current,
    refused(500, 'Service internal error: task panicked'),
    'unavailable',
    /failed: Service internal error: task panicked/,
  ],
])('of %s it says what it is and what to do', async (_, root, others, code, message) => {
  const port = await fake(root, others);
  const error = await said(`http://127.0.0.1:${port}`);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error.message).toContain('qdrant');
});

test('of a server that accepts and never answers, it says so within its time', async () => {
  const port = await fake(
    () => {},
    () => {},
  );
  const began = performance.now();
  expect(await said(`http://127.0.0.1:${port}`, 300)).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/setting qdrantUrl.*does not answer/),
  });
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('of a server that is not there, it says where to look', async () => {
  const port = await fake(current, current);
  expect(await said(`http://127.0.0.1:${await closedPort()}`)).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\).*qdrantUrl/),
  });
  expect(await said(`https://127.0.0.1:${port}`)).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/over TLS.*qdrantUrl should begin with http/),
  });
});

test.each([
  ['http://qdrant', { url: 'http://qdrant', port: 6333 }],
  ['https://qdrant.example.com', { url: 'https://qdrant.example.com', port: 6333 }],
  ['https://qdrant.example.com:443', { url: 'https://qdrant.example.com', port: 443 }],
  ['http://qdrant:80/', { url: 'http://qdrant', port: 80 }],
  ['http://[::1]:7000/search/qdrant/', { url: 'http://[::1]', port: 7000, prefix: '/search/qdrant' }],
])('%s is reached where it says', (url, wanted) => {
  expect(endpointOf(url)).toEqual(wanted);
});

test('a server behind a path is asked below it', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    (request.url === '/pre/' ? current : refused(404, 'Not found: Collection `library` doesn’t exist!'))(
      response,
    );
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pre`;
  const index = createQdrantIndex({ url, collection: 'library', setting: 'qdrantUrl', timeoutMs: 2_000 });
  expect(await index.stats(testCall())).toEqual({ documents: 0, chunks: 0, embedded: 0 });
  expect(asked).toEqual(['/pre/', '/pre/collections/library/points/scroll']);
  server.closeAllConnections();
});
