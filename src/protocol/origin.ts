import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import {
  CLIENT_INFO_META_KEY,
  type Implementation,
  type Server,
  type ServerContext,
  TRACEPARENT_META_KEY,
} from '@modelcontextprotocol/server';
import type { Origin } from '../call.ts';

/** What the HTTP request that brought a message says of where it came from. */
interface HttpOrigin {
  readonly address: string;
  /** The header `traceparent`. */
  readonly traceparent?: string;
}

/** Around what serves an HTTP request. */
export const httpOrigin = new AsyncLocalStorage<HttpOrigin>();

/** Characters of what a client says of itself. */
const maxLength = 100;
const shown = (text: string): string => text.slice(0, maxLength);

/** The trace id in a `traceparent` (W3C Trace Context, level 1); undefined where it is none. */
function traceIdIn(traceparent: unknown): string | undefined {
  const id = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/.exec(String(traceparent))?.[1];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** The part that the SDK's envelope type omits. */
interface Envelope {
  readonly [CLIENT_INFO_META_KEY]?: Implementation;
}

function clientOf({ mcpReq }: ServerContext, server: Server): string | undefined {
  const told = (mcpReq.envelope as Envelope | undefined)?.[CLIENT_INFO_META_KEY] ?? server.getClientVersion();
  return told && shown(`${told.name} ${told.version}`);
}

/** As `sessionKey` of the transports, shorter. */
const digestOf = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 16);

/** From where a request comes. */
export function originOf(ctx: ServerContext, server: Server): Origin {
  const { mcpReq, sessionId } = ctx;
  const http = httpOrigin.getStore();
  const client = clientOf(ctx, server);
  const trace = traceIdIn(mcpReq._meta?.[TRACEPARENT_META_KEY]) ?? traceIdIn(http?.traceparent);
  return {
    transport: http || sessionId !== undefined ? 'http' : 'stdio',
    ...(client !== undefined && { client }),
    ...(sessionId !== undefined && { session: digestOf(sessionId) }),
    ...(http && { address: http.address }),
    request: shown(String(mcpReq.id)),
    ...(trace !== undefined && { trace }),
  };
}
