import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/server';
import { expect, onTestFinished, test } from 'vitest';
import { owner } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';
import type { SessionIds } from '../../src/transports/session-ids.ts';
import { createSessions, type Sessions } from '../../src/transports/sessions.ts';

// A client may leave at any moment, also while its session is looked up: nothing may be counted that has no end.

interface Endpoint {
  readonly url: string;
  readonly sessions: Sessions;
  /** The client of the next request leaves while its session is begun or looked up. */
  leaveDuringNext(leave: AbortController): void;
}

/** Room for one session. */
async function endpoint(): Promise<Endpoint> {
  let leaving: AbortController | undefined;
  let response: ServerResponse | undefined;
  let issued = 0;
  async function left(): Promise<void> {
    if (!leaving || !response) return;
    const closed = once(response, 'close');
    leaving.abort();
    leaving = undefined;
    await closed;
  }
  const ids: SessionIds = {
    async issue() {
      await left();
      return `session-${issued++}`;
    },
    async termsOf() {
      await left();
      return { protocolVersion: '2025-11-25', capabilities: {} };
    },
    revoke() {},
  };
  const sessions = createSessions({
    connect: () => new Server({ name: 'test', version: '1' }, { capabilities: {} }),
    ids,
    maxSessions: 1,
    idleMs: 50,
    log: createLog('silent'),
  });
  const server = createServer(async (incoming, outgoing) => {
    const parts = await Array.fromAsync(incoming);
    const text = Buffer.concat(parts).toString();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    response = outgoing;
    await sessions.handle(incoming, outgoing, { caller: owner, body, ids: body === undefined ? [] : [1] });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await sessions.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sessions,
    leaveDuringNext(leave) {
      leaving = leave;
    },
  };
}

const accept = 'application/json, text/event-stream';

function initialize({ url }: Endpoint, signal?: AbortSignal): Promise<Response> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const headers = { 'content-type': 'application/json', accept };
  return fetch(url, { method: 'POST', headers, body, ...(signal && { signal }) });
}

function listen({ url }: Endpoint, session: string, signal: AbortSignal): Promise<Response> {
  return fetch(url, { headers: { accept, 'mcp-session-id': session }, signal });
}

const soon = { timeout: 60_000 };
const putAway = ({ sessions }: Endpoint) => expect.poll(() => sessions.size, soon).toBe(0);

test('a client that leaves while its session begins takes no place from the next one', async () => {
  const at = await endpoint();
  const leave = new AbortController();
  at.leaveDuringNext(leave);
  await expect(initialize(at, leave.signal)).rejects.toThrow();

  expect((await initialize(at)).status).toBe(200);
  await putAway(at);
});

test('a client that leaves while its session is continued can listen when it is back', async () => {
  const at = await endpoint();
  const session = (await initialize(at)).headers.get('mcp-session-id') ?? '';
  await putAway(at);
  const leave = new AbortController();
  at.leaveDuringNext(leave);
  await expect(listen(at, session, leave.signal)).rejects.toThrow();

  const back = new AbortController();
  const answer = await listen(at, session, back.signal);
  expect(answer.status).toBe(200);
  back.abort();
  await putAway(at);
});
