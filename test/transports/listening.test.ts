import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import type { ResourceWatch } from '../../src/protocol/watch.ts';
import { watchListening } from '../../src/transports/listening.ts';

// On stdio a listen is held back until what it names is watched. Its client may have cancelled it by then.

interface Wire {
  receive(message: JSONRPCMessage): void;
  /** What reached the server. */
  readonly delivered: JSONRPCMessage[];
  readonly transport: Transport;
  /** Lets what is held back go on. */
  watched(): void;
  readonly following: () => number;
}

async function wireTo(): Promise<Wire> {
  const watched = Promise.withResolvers<void>();
  let following = 0;
  const watch: ResourceWatch = {
    follow() {
      following++;
      return {
        begun: Promise.resolve(),
        add: () => watched.promise,
        remove() {},
        end: () => void following--,
      };
    },
    close() {},
  };
  const wire: Transport = { async start() {}, async send() {}, async close() {} };
  const transport = watchListening(wire, watch, async () => true);
  const delivered: JSONRPCMessage[] = [];
  transport.onmessage = (message) => void delivered.push(message);
  await transport.start();
  return {
    receive: (message) => wire.onmessage?.(message),
    delivered,
    transport,
    watched: watched.resolve,
    following: () => following,
  };
}

const listen: JSONRPCMessage = {
  jsonrpc: '2.0',
  id: 7,
  method: 'subscriptions/listen',
  params: { notifications: { resourceSubscriptions: ['hydrogen://collections/main/plants'] } },
};
const cancel: JSONRPCMessage = {
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId: 7 },
};

/** Turns of the event loop, in which what can go on does. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a listen that is cancelled while it is held back never begins', async () => {
  const wire = await wireTo();
  wire.receive(listen);
  wire.receive(cancel);
  wire.watched();
  await settled();
  expect(wire.delivered).toEqual([cancel]);
  expect(wire.following()).toBe(0);
});

test('a listen that goes on is watched until it is answered', async () => {
  const wire = await wireTo();
  wire.receive(listen);
  wire.watched();
  await settled();
  expect(wire.delivered).toEqual([listen]);
  expect(wire.following()).toBe(1);

  await wire.transport.send({ jsonrpc: '2.0', method: 'notifications/resources/list_changed' });
  expect(wire.following()).toBe(1);
  await wire.transport.send({ jsonrpc: '2.0', id: 7, error: { code: -32_602, message: 'Refused.' } });
  expect(wire.following()).toBe(0);
});
