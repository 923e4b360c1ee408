import { createHash } from 'node:crypto';
import {
  CLIENT_INFO_META_KEY,
  type Implementation,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Origin } from '../call.ts';
import type { RequestContext } from '../observability/request-context.ts';

/** Characters of what a client says of itself. */
const maxLength = 100;
const shown = (text: string): string => text.slice(0, maxLength);

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
export function originOf(
  ctx: ServerContext,
  server: Server,
  { address, trace }: Pick<RequestContext, 'address' | 'trace'>,
): Origin {
  const { mcpReq, sessionId } = ctx;
  const client = clientOf(ctx, server);
  return {
    transport: address !== undefined || sessionId !== undefined ? 'http' : 'stdio',
    ...(client !== undefined && { client }),
    ...(sessionId !== undefined && { session: digestOf(sessionId) }),
    ...(address !== undefined && { address }),
    request: shown(String(mcpReq.id)),
    ...(trace !== undefined && { trace }),
  };
}
