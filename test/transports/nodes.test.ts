import { setTimeout as delay } from 'node:timers/promises';
import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import type { Calls } from '../../src/calls.ts';
import { HydrogenError } from '../../src/errors.ts';
import type { NodeChannel } from '../../src/stores/events/events.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { newClient, openedApp } from '../support/connected.ts';

/** The way between servers in one process; each message arrives as a copy, a moment later, as over a network. */
function between(): () => NodeChannel {
  const handlers = new Set<(text: string) => void>();
  return () => {
    let own: ((text: string) => void) | undefined;
    return {
      send(text) {
        for (const handler of handlers) if (handler !== own) setTimeout(() => handler(text), 1);
      },
      receive(handler) {
        own = handler;
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
    };
  };
}

interface Node extends HttpServer {
  readonly put: (collection: string) => Promise<unknown>;
  /** Of the calls that were begun, in their order. */
  readonly signals: readonly AbortSignal[];
}

/** Two servers with the same data and keys. */
async function twoNodes(): Promise<readonly [Node, Node]> {
  const dataDir = await temporaryDirectory();
  const channels = between();
  const start = async (data: Record<string, { _id: number; name: string }[]>): Promise<Node> => {
    const app = await openedApp({ data, settings: { httpPort: 0, dataDir, enableWrites: true } });
    const signals: AbortSignal[] = [];
    const calls: Calls = {
      ...app.calls,
      run: (operation, given, work) =>
        app.calls.run(operation, given, (begun) => {
          signals.push(begun.signal);
          return work(begun);
        }),
    };
    const server = await serveOnHttp({ ...app, calls, channel: channels() });
    onTestFinished(() => server.close());
    const { store } = app.connections.get('embedded');
    return {
      ...server,
      signals,
      put: (collection) =>
        store.put({ database: 'main', collection }, [{ name: 'x' }], { drop: false }, testCall()),
    };
  };
  return [await start({ plants: [{ _id: 1, name: 'one' }] }), await start({})];
}

/** The node for a client's request: what the message is, and how many requests there were before. */
type Balance = (message: string, before: number) => Node;

interface Connected {
  readonly client: Client;
  readonly session: () => string;
}

async function connect(balance: Balance, answerAfterMs = 0): Promise<Connected> {
  const client = newClient('2025-11-25', { elicitation: {} });
  client.setRequestHandler('elicitation/create', async () => {
    await delay(answerAfterMs, undefined, { ref: false });
    return { action: 'accept', content: { confirm: true } };
  });
  let before = 0;
  const transport = new StreamableHTTPClientTransport(new URL('http://balancer/mcp'), {
    fetch: (_url, init) =>
      fetch(balance(String(init?.method === 'POST' ? init.body : init?.method), before++).url, init),
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, session: () => transport.sessionId ?? '' };
}

const update = { collection: 'plants', filter: { _id: 1 }, update: { $set: { name: 'two' } } };
const isAnswer = (message: string): boolean => message.includes('"result"');

test('a person who is asked by one node is understood when the answer comes to another', async () => {
  const [one, other] = await twoNodes();
  const { client } = await connect((message) => (isAnswer(message) ? other : one));
  expect(summaryOf(await call(client, 'update', update))).toMatch(/"changed":1/);
});

test('a client whose requests come to the nodes in turn notices nothing', async () => {
  const nodes = await twoNodes();
  const { client } = await connect((_message, before) => nodes[before % 2 === 0 ? 0 : 1]);
  for (let i = 0; i < 5; i++) {
    const change = { ...update, update: { $set: { name: `name ${i}` } } };
    expect(summaryOf(await call(client, 'update', change))).toMatch(/"changed":1/);
    expect(rowsOf(await call(client, 'find', { collection: 'plants' }))).toMatchObject([
      { name: `name ${i}` },
    ]);
  }
});

test('two nodes that ask the same client at once each get their own answer', async () => {
  const [one, other] = await twoNodes();
  const nodeOf = (message: string): Node => (message.includes('"_id":1') ? one : other);
  const { client } = await connect((message) => (isAnswer(message) ? other : nodeOf(message)), 100);
  const insert = await call(client, 'insert', { collection: 'plants', documents: [{ _id: 2, name: 'x' }] });
  expect(insert.isError).not.toBe(true);
  const both = await Promise.all([
    call(client, 'update', update),
    call(client, 'update', { ...update, filter: { _id: 2 } }),
  ]);
  expect(both.map(summaryOf)).toEqual([
    expect.stringMatching(/"changed":1/),
    expect.stringMatching(/"changed":1/),
  ]);
});

test('what was subscribed to on one node is told to a client that listens on another', async () => {
  const [one, other] = await twoNodes();
  const { client } = await connect((message) => (message === 'GET' ? other : one));
  const told = Promise.withResolvers<string>();
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => told.resolve(params.uri));
  const uri = 'hydrogen://collections/main/plants';
  await client.subscribeResource({ uri });
  await one.put('plants');
  expect(await told.promise).toBe(uri);
});

test('a call is cancelled by a notice that comes to another node', async () => {
  const [one, other] = await twoNodes();
  const { client } = await connect((message) => (message.includes('notifications/cancelled') ? other : one));
  const asked = Promise.withResolvers<void>();
  client.setRequestHandler('elicitation/create', () => {
    asked.resolve();
    return new Promise(() => {});
  });
  const control = new AbortController();
  const updating = client.callTool({ name: 'update', arguments: update }, { signal: control.signal });
  await asked.promise;
  const signal = one.signals.at(-1);
  expect(signal?.aborted).toBe(false);
  control.abort();
  await expect(updating).rejects.toThrow();
  await expect.poll(() => signal?.aborted).toBe(true);
});

test('a session that its client ends on one node has ended on all', async () => {
  const [one, other] = await twoNodes();
  const nodes = [one, other];
  const { client, session } = await connect((_message, before) => nodes[before % 2] as Node);
  await call(client, 'find', { collection: 'plants' });
  await call(client, 'find', { collection: 'plants' });
  const headers = { 'mcp-session-id': session() };
  expect((await fetch(one.url, { method: 'DELETE', headers })).status).toBe(200);
  const ping = async ({ url }: Node): Promise<number> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'ping' });
    const accept = 'application/json, text/event-stream';
    const sent = {
      method: 'POST',
      headers: { ...headers, accept, 'content-type': 'application/json' },
      body,
    };
    return (await fetch(url, sent)).status;
  };
  await expect.poll(() => ping(other)).toBe(404);
  expect(await ping(one)).toBe(404);
});

test('a client whose subscriptions end with their node is told, on another, that the lists may have changed', async () => {
  const [one, other] = await twoNodes();
  const { client } = await connect((message) => (message === 'GET' ? other : one));
  await client.subscribeResource({ uri: 'hydrogen://collections/main/plants' });
  const told = Promise.withResolvers<void>();
  client.setNotificationHandler('notifications/resources/list_changed', () => told.resolve());
  await one.close();
  await told.promise;
});

test('an answer that comes to a node which cannot continue the session now is passed on', async () => {
  const dataDir = await temporaryDirectory();
  const channels = between();
  const settings = { httpPort: 0, dataDir, enableWrites: true };
  const app = await openedApp({ data: { plants: [{ _id: 1, name: 'one' }] }, settings });
  const other = await openedApp({ data: {}, settings });
  const signer = async () => {
    throw new HydrogenError('unavailable', 'The test server cannot be reached.');
  };
  const one = await serveOnHttp({ ...app, channel: channels() });
  const keyless = await serveOnHttp({ ...other, signer, channel: channels() });
  onTestFinished(async () => {
    await Promise.all([one.close(), keyless.close()]);
  });
  const { client } = await connect((message) => (isAnswer(message) ? keyless : one) as Node);
  expect(summaryOf(await call(client, 'update', update))).toMatch(/"changed":1/);
});
