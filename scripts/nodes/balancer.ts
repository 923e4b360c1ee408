import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Balancer {
  /** Where clients find MCP. */
  readonly url: string;
  close(): Promise<void>;
}

/** A server that was not reached, or takes nothing new: the request may go to another one. */
const isUntouched = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNREFUSED';

/**
 * Passes each request to the next of the nodes, whatever session it belongs to, as a gateway without stickiness does: a
 * node that is not there, or that answers 503 as it leaves, is passed over.
 * @param nodes the addresses of those that should get requests now, such as `http://127.0.0.1:3800`
 */
export async function openBalancer(nodes: () => readonly string[]): Promise<Balancer> {
  let turn = 0;

  /** @returns false where the node did nothing with it */
  function forward(
    base: string,
    incoming: IncomingMessage,
    body: Buffer,
    outgoing: ServerResponse,
    isLast: boolean,
  ): Promise<boolean> {
    return new Promise((resolve) => {
      const { method = 'GET', url = '/', headers } = incoming;
      // A connection a request: one that is kept could be closed by its node just when it is used.
      const sent = request(
        new URL(url, base),
        { method, headers: { ...headers, host: new URL(base).host, connection: 'close' }, agent: false },
        (answer) => {
          if (answer.statusCode === 503 && answer.headers['retry-after'] !== undefined && !isLast) {
            answer.resume();
            return resolve(false);
          }
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          outgoing.flushHeaders();
          answer.pipe(outgoing);
          answer.once('error', () => outgoing.destroy());
          resolve(true);
        },
      );
      sent.once('error', (error) => {
        if (isUntouched(error) && !isLast) return resolve(false);
        if (outgoing.headersSent) outgoing.destroy();
        else outgoing.writeHead(502).end();
        resolve(true);
      });
      outgoing.once('close', () => sent.destroy());
      sent.end(body);
    });
  }

  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await buffer(incoming);
      const all = nodes();
      const first = turn++;
      for (let i = 0; i < all.length; i++) {
        const base = all[(first + i) % all.length] as string;
        if (await forward(base, incoming, body, outgoing, i === all.length - 1)) return;
      }
      outgoing.writeHead(502).end();
    })().catch(() => outgoing.destroy());
  });
  // A client that listens keeps its request open for as long as it likes.
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
