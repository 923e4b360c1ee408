// Clients that never close, never finish and never read: each costs its own connection, and others are served.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Caller } from '../../src/call.ts';
import type { Authenticate } from '../../src/policy/authentication.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { openedApp, type Setting } from '../support/connected.ts';
import { repetitions } from '../support/repetitions.ts';

const callers: Readonly<Record<string, Caller>> = {
  'Bearer flood': { id: 'flood', scopes: ['read'] },
  'Bearer bob': { id: 'bob', scopes: ['read'] },
};
const authenticate: Authenticate = async ({ authorization = '' }) =>
  callers[authorization] ?? { message: 'Send a token.', challenge: 'Bearer' };

async function served(setting: Setting) {
  const app = await openedApp({ ...setting, settings: { httpPort: 0, ...setting.settings } });
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await serveOnHttp({ ...app, authenticate, log });
  onTestFinished(() => server.close());
  const { url } = server;
  const detailed = async (): Promise<{ sessions: number }> =>
    (await (
      await fetch(url.replace(/mcp$/, 'health/detailed'), { headers: { authorization: 'Bearer bob' } })
    ).json()) as { sessions: number };
  return { url, port: Number(new URL(url).port), detailed, lines };
}

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const post = (url: string, name: string, body: unknown, more: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${name}`, ...more },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...(body as object) }),
  });

async function begin(url: string, name: string): Promise<string> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  const answer = await post(url, name, { method: 'initialize', params });
  await answer.text();
  return answer.headers.get('mcp-session-id') ?? '';
}

/** A connection that writes so much, and reads nothing. */
function silent(port: number, text: string): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}).pause();
  socket.write(text);
  return socket;
}

const head = 'Host: localhost\r\nAuthorization: Bearer flood\r\n';

test('sessions that never close are bounded, and others keep theirs and are served', {
  timeout: 300_000,
}, async () => {
  const many = repetitions(100, 1_000);
  const { url, port, detailed } = await served({ settings: { httpSessions: 50, httpStreamsPerCaller: 20 } });
  const bobs = await begin(url, 'bob');
  for (let i = 0; i < many; i++) {
    const session = await begin(url, 'flood');
    if (i % 5 === 0)
      silent(
        port,
        `GET /mcp HTTP/1.1\r\n${head}Accept: text/event-stream\r\nMcp-Session-Id: ${session}\r\n\r\n`,
      );
  }
  expect((await detailed()).sessions).toBe(50);
  const answer = await post(url, 'bob', { method: 'ping' }, { 'mcp-session-id': bobs });
  expect(answer.status).toBe(200);
});

test('headers and bodies that never end are given up in time, and others are served meanwhile', async () => {
  const many = repetitions(50, 500);
  const { url, port } = await served({ settings: { httpRequestTimeoutMs: 1_000 } });
  const endless = Array.from({ length: many }, (_, i) =>
    silent(
      port,
      i % 2 === 0
        ? `POST /mcp HTTP/1.1\r\n${head}X-Slow: `
        : `POST /mcp HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    ),
  );
  const closed = endless.map((socket) => once(socket.resume(), 'close'));
  expect((await post(url, 'bob', { method: 'initialize' })).status).not.toBe(503);
  await Promise.all(closed);
});

test('a client that takes nothing of its answer is disconnected; one that has nothing to take is not', async () => {
  const data = { notes: Array.from({ length: 120 }, (_, i) => ({ _id: i, text: 'x'.repeat(100_000) })) };
  const settings = { httpStallMs: 500, maxAnswerBytes: 20_000_000, maxRows: 200, accessLog: true };
  const { url, port, lines } = await served({ data, settings });
  const session = await begin(url, 'flood');
  const more = `${head}Accept: application/json, text/event-stream\r\nMcp-Session-Id: ${session}\r\n`;
  const listening = silent(port, `GET /mcp HTTP/1.1\r\n${more}\r\n`);
  const params = { name: 'find', arguments: { collection: 'notes', limit: 200 } };
  // What the system keeps for a reader is less than this answer.
  const message = JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'tools/call', params });
  const length = `Content-Type: application/json\r\nContent-Length: ${message.length}\r\n`;
  silent(port, `POST /mcp HTTP/1.1\r\n${more}${length}\r\n${message}`);
  await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining({ isCutShort: true })), 20_000);
  expect(lines.filter(({ isCutShort }) => isCutShort)).toMatchObject([{ method: 'POST', caller: 'flood' }]);
  expect(listening.closed).toBe(false);
});
