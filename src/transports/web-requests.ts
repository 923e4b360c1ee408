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

/** What the SDK reads of a request whose parsed body it is given. */
function headOf({ method = 'GET', headers }: IncomingMessage, signal: AbortSignal): Request {
  const get = (name: string): string | null => headers[name.toLowerCase()]?.toString() ?? null;
  const head: Pick<Request, 'method' | 'url' | 'signal'> & {
    readonly headers: Pick<Headers, 'get' | 'has'>;
  } = {
    ...{ method, url: 'http://localhost/mcp', signal },
    headers: { get, has: (name) => get(name) !== null },
  };
  return head as Request;
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

/**
 * As `answerThrough`, for a message that was read and most often has one answer in JSON: without the making of a whole
 * `Request` and the reading of a stream, which cost a third of what answering a short call does.
 */
export async function answerMessage(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const gone = new AbortController();
  let isAnswered = false;
  response.once('close', () => {
    if (!isAnswered) gone.abort();
  });
  const answer = await handle(headOf(request, gone.signal));
  if (!answer.headers.get('content-type')?.startsWith('application/json')) {
    await toNodeHandler({ fetch: async () => answer })(withoutBody(request), response);
    isAnswered = true;
    return;
  }
  const body = await answer.text();
  isAnswered = true;
  response.writeHead(answer.status, {
    ...Object.fromEntries(answer.headers),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
