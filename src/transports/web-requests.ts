import type { IncomingMessage, ServerResponse } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';

/**
 * A request with method and headers only. The parsed body is passed separately: the SDK's own conversion would
 * serialise it again, which is costly and recursive.
 */
function withoutBody({ method = 'GET', headers }: IncomingMessage): NodeIncomingMessageLike {
  return { method, url: '/mcp', headers, async *[Symbol.asyncIterator]() {} };
}

/** Sends the head of a stream at once: with nothing to say on it, its client would not know for 15 s that it is open. */
function flushHead(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  response.writeHead = (...head: unknown[]) => {
    writeHead(...head);
    response.flushHeaders();
    return response;
  };
}

/** Has a handler of the SDK answer a request whose body was read. Resolves when the answer is complete. */
export async function answerThrough(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  if (request.method === 'GET') flushHead(response);
  await toNodeHandler({ fetch: handle })(withoutBody(request), response);
}
