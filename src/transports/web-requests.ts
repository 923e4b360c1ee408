import type { IncomingMessage, ServerResponse } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';

/**
 * A request with method and headers only. The parsed body is passed separately: the SDK's own conversion would
 * serialise it again, which is costly and recursive.
 */
function withoutBody({ method = 'GET', headers }: IncomingMessage): NodeIncomingMessageLike {
  return { method, url: '/mcp', headers, async *[Symbol.asyncIterator]() {} };
}

/** A client waits for the head of a stream; by itself that is sent with the first event, maybe much later. */
function flush(response: ServerResponse): void {
  if (response.headersSent && !response.writableEnded && !response.destroyed) response.flushHeaders();
}

/** Has a handler of the SDK answer a request whose body was read. Resolves when the answer is complete. */
export async function answerThrough(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const fetch = async (web: Request): Promise<Response> => {
    const answer = await handle(web);
    if (/event-stream/.test(answer.headers.get('content-type') ?? '')) setImmediate(() => flush(response));
    return answer;
  };
  await toNodeHandler({ fetch })(withoutBody(request), response);
}
