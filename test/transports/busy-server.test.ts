import { expect, onTestFinished, test } from 'vitest';
import { serveOnHttp } from '../../src/transports/http.ts';
import { openedApp } from '../support/connected.ts';
import { post, rawHttp } from '../support/raw-http.ts';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const maxBody = 4 * 2 ** 20;
/** A request that says how long its body is, and sends none of it. */
const withheld = post('', `Content-Length: ${maxBody}\r\n`);

/** A server whose room for large bodies is taken until it gives up those that take it. */
async function busyServer() {
  const app = await openedApp({ settings: { httpPort: 0, httpRequestTimeoutMs: 2_000 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  const ask = (parts: readonly (string | Uint8Array)[]) => rawHttp(port, parts);
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };
  const opened = await ask(post(json(initialize)));
  const session = `Mcp-Session-Id: ${opened?.headers['mcp-session-id']}\r\n`;
  const first = ask(withheld);
  void ask(withheld);
  // Their headers are read.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { ask, session, first };
}

const remove = (body: Uint8Array, session: string): (string | Uint8Array)[] => {
  const [head = '', ...rest] = post(body, session);
  return [String(head).replace('POST', 'DELETE'), ...rest];
};
const padded = (bytes: number): Buffer => json('x'.repeat(bytes - 2));

test('a server that has no room for a large body in time says when to try again', async () => {
  const { ask, first } = await busyServer();

  const answer = await ask(
    post(json({ jsonrpc: '2.0', id: 7, method: 'ping', params: { x: 'x'.repeat(1e5) } })),
  );

  expect(answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    error: { code: -32000, message: expect.stringMatching(/Nothing was done: send this one again later/) },
  });
  // The one that held the room was given up later: nobody had made some.
  expect((await first)?.status).toBe(408);
});

test('a large body of a DELETE waits like any other; a small one ends the session at once', async () => {
  const { ask, session } = await busyServer();

  expect(await ask(remove(padded(1e5), session))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
  });
  expect(await ask(remove(padded(100), session))).toMatchObject({ status: 200 });
  expect(await ask(remove(padded(100), session))).toMatchObject({ status: 404 });
});

test('the body of a DELETE gives its room back', async () => {
  const app = await openedApp({ settings: { httpPort: 0, httpRequestTimeoutMs: 2_000 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const statuses: unknown[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const answer = await rawHttp(Number(new URL(server.url).port), remove(padded(maxBody), ''));
    statuses.push(answer?.status);
  }
  expect(statuses).toEqual([400, 400, 400, 400]);
});
