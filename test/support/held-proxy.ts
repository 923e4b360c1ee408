import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server that can be made to keep what the server answers. */
export interface HeldProxy {
  readonly port: number;
  /** From now on nothing that the server sends arrives, until `release`. */
  hold(): void;
  release(): void;
  /** Connections of clients that are open. */
  readonly open: number;
}

export async function heldProxy(target: number): Promise<HeldProxy> {
  const clients = new Map<Socket, Socket>();
  let isHeld = false;
  const proxy = createServer((client) => {
    const server = connect({ port: target, host: '127.0.0.1' });
    clients.set(client, server);
    client.on('error', () => {}).on('data', (data) => void server.write(data));
    server.on('error', () => {}).on('data', (data) => void client.write(data));
    if (isHeld) server.pause();
    client.on('close', () => {
      clients.delete(client);
      server.destroy();
    });
    server.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const client of clients.keys()) client.destroy();
    proxy.close();
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    hold() {
      isHeld = true;
      for (const server of clients.values()) server.pause();
    },
    release() {
      isHeld = false;
      for (const server of clients.values()) server.resume();
    },
    get open() {
      return clients.size;
    },
  };
}
