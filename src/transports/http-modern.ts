import type { IncomingMessage, ServerResponse } from 'node:http';
import { type NodeIncomingMessageLike, toNodeHandler } from '@modelcontextprotocol/node';
import { isLegacyRequest, type McpHttpHandler } from '@modelcontextprotocol/server';

/**
 * A request with method and headers only. The parsed body is passed separately: the SDK's own conversion would
 * serialise it again, which is costly and recursive.
 */
function withoutBody({ method = 'GET', headers }: IncomingMessage): NodeIncomingMessageLike {
  return { method, url: '/mcp', headers, async *[Symbol.asyncIterator]() {} };
}

/** Whether a request belongs to the 2025-era protocol, which has sessions. */
export async function isLegacy(
  { method = 'GET', headers }: IncomingMessage,
  body: unknown,
): Promise<boolean> {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) sent.set(name, String(value));
  }
  return isLegacyRequest(new Request('http://localhost/mcp', { method, headers: sent }), body);
}

/** Serves requests of the protocol of 2026. */
export function createModern(
  handler: McpHttpHandler,
): (request: IncomingMessage, response: ServerResponse, body: unknown) => Promise<void> {
  return (request, response, body) =>
    toNodeHandler({
      fetch: (web, options) =>
        handler.fetch(web, { ...options, ...(body !== undefined && { parsedBody: body }) }),
    })(withoutBody(request), response);
}
