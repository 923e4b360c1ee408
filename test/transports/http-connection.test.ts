import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { serveOnHttp } from '../../src/transports/http.ts';
import { type Era, eras, openedApp } from '../support/connected.ts';
import { paramsOf } from '../support/raw-server.ts';

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
};

interface Asked {
  readonly method: string;
  readonly params: object;
  readonly headers: string;
}

/** In 2025 the answer is an event stream. */
const asked: Readonly<Record<Era, Asked>> = {
  '2025-11-25': { method: 'initialize', params: initialize, headers: '' },
  '2026-07-28': {
    method: 'tools/list',
    params: paramsOf('2026-07-28'),
    headers: 'MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n',
  },
};

/** Longer than an answer takes, also on a busy machine, ms. */
const patienceMs = 20_000;

/** All that comes on a connection until the server closes it; undefined where it does not. */
async function closed(
  url: string,
  { method, params, headers }: Asked,
  [version, connection]: readonly [version: string, connection: string],
  waitMs = patienceMs,
): Promise<string | undefined> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  const late = setTimeout(() => socket.destroy(new Error('late')), waitMs);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const types = 'Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n';
  socket.write(
    `POST /mcp HTTP/${version}\r\nHost: localhost\r\n${types}${connection}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const answer = await text(socket).catch(() => undefined);
  clearTimeout(late);
  socket.destroy();
  return answer;
}

async function served(): Promise<string> {
  const app = await openedApp({ settings: { httpPort: 0 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  return server.url;
}

test.each(eras)('in %s the connection is closed behind the answer where that is asked for', async (era) => {
  const url = await served();
  for (const [version, connection] of [
    ['1.1', 'Connection: close\r\n'],
    ['1.0', ''],
    ['1.0', 'Connection: keep-alive\r\n'],
  ] as const) {
    const answer = await closed(url, asked[era], [version, connection]);
    expect(answer, `${version} ${connection}`).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    // HTTP/1.0 knows no chunks.
    if (version === '1.0') expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toMatch(/"result":\{/);
  }
});

test('a connection of which nothing is said stays open', async () => {
  const url = await served();
  expect(await closed(url, asked['2025-11-25'], ['1.1', ''], 2_000)).toBeUndefined();
});
