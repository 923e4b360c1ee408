import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands between a client that knows no keys and a server that asks for one: it adds the key, and nothing else. */
export interface KeyProxy {
  readonly url: string;
  close(): void;
}

/** @param to the address of the MCP endpoint */
export async function startKeyProxy(to: string, key: string): Promise<KeyProxy> {
  const { hostname, port } = new URL(to);
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const sent = request(
      { hostname, port, method, path, headers: { ...headers, authorization: `Bearer ${key}` } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
      },
    );
    sent.on('error', () => outgoing.destroy());
    outgoing.on('close', () => sent.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${new URL(to).pathname}`,
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
