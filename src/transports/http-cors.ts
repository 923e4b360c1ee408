import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the scripts of a page may send; others are left out of the answer, and the browser then refuses them. */
const sendable =
  /^(?:authorization|content-type|accept|last-event-id|mcp-[a-z0-9-]+|traceparent|tracestate|baggage)$/;
/** How long a browser may remember it, s. */
const maxAgeS = 600;

/** Lets scripts of the page's origin read the answer. Nothing is sent by cookies, so none are asked for. */
export function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', headers.origin ?? '');
  response.setHeader('access-control-expose-headers', 'Mcp-Session-Id, WWW-Authenticate, Retry-After');
  response.setHeader('vary', 'Origin');
}

/** Whether a browser asks if it may send a request. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** What a browser is told, besides its origin. */
export function preflightHeaders(
  { headers }: IncomingMessage,
  methods: readonly string[],
): Record<string, string> {
  const asked = String(headers['access-control-request-headers'] ?? '').toLowerCase();
  const allowed = asked.split(',').map((name) => name.trim());
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': allowed.filter((name) => sendable.test(name)).join(', '),
    'access-control-max-age': String(maxAgeS),
  };
}
