import { isJSONRPCRequest } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { type Caller, operations, systemCall } from '../call.ts';
import { dispatch } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import type { RequestContext } from '../observability/request-context.ts';
import type { Unauthenticated } from '../policy/authentication.ts';
import { offered } from '../policy/permissions.ts';
import { tools } from '../tools/tools.ts';
import type { HttpRefusal } from './http-answers.ts';
import { idOf, serverError } from './messages.ts';
import { retryAfterSeconds } from './stopping.ts';

/** Where RFC 9728 has a client look for the issuers of tokens: of the server, and of its endpoint. */
const metadataPath = '/.well-known/oauth-protected-resource';
export const metadataPaths = [metadataPath, `${metadataPath}/mcp`] as const;

/** @param origin of this server as its client knows it */
export function metadataOf({ access }: App, origin: string): object {
  return {
    resource: `${origin}/mcp`,
    authorization_servers: access.issuers,
    scopes_supported: access.scopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Hydrogen MCP',
  };
}

/** @param origin of this server as its client knows it */
export function refusalOf(
  { access }: App,
  { status = 401, message, challenge }: Unauthenticated,
  origin: string,
  id: HttpRefusal['id'] = null,
): HttpRefusal {
  const metadata = access.issuers.length > 0 ? `, resource_metadata="${origin}${metadataPaths[1]}"` : '';
  const headers = {
    ...(challenge !== undefined && { 'www-authenticate': `${challenge}${metadata}` }),
    ...(status === 503 && { 'retry-after': String(retryAfterSeconds) }),
  };
  return { status, code: serverError, message, id, headers };
}

/**
 * Why a call is refused before it begins: a token could have the scope of its tool, and this one does not. Its client can
 * get one that does, and is told by HTTP (RFC 6750), since what is not offered would seem not to exist. It is dispatched
 * like any other call, to be refused, so that it is counted, recorded and logged.
 */
export async function missingScopeOf(
  app: App,
  caller: Caller,
  body: unknown,
  { address, trace }: Pick<RequestContext, 'address' | 'trace'>,
): Promise<Unauthenticated | undefined> {
  const { access, config, log } = app;
  if (access.issuers.length === 0 || !isJSONRPCRequest(body) || body.method !== 'tools/call')
    return undefined;
  const { name, arguments: given } = (body.params ?? {}) as { name?: unknown; arguments?: unknown };
  const tool = tools.find((one) => `${config.toolPrefix}${one.name}` === name);
  if (!tool || caller.scopes.includes(tool.operation)) return undefined;
  // One that nobody could use is no reason to ask for more.
  if (!offered(tool, config, { ...caller, scopes: operations })) return undefined;
  const missing = access.missing(caller, tool.operation);
  if (!missing) return undefined;
  const origin = {
    transport: 'http',
    ...(address !== undefined && { address }),
    ...(trace !== undefined && { trace }),
  } as const;
  const request = {
    ...({ kind: 'tool', action: 'call', name: tool.name, operation: tool.operation } as const),
    ...{ needs: [tool], arguments: given },
  };
  const refused = async (): Promise<never> => {
    throw new HydrogenError('not_allowed', missing.message);
  };
  await dispatch(app, request, systemCall(log, { caller, origin }), refused).catch(() => {});
  return missing;
}

export const refusalOfScope = (
  app: App,
  missing: Unauthenticated,
  origin: string,
  body: unknown,
): HttpRefusal => refusalOf(app, missing, origin, idOf(body));

/**
 * Records that a request was refused before it was a call.
 * @param caller undefined for somebody unknown
 * @param body a call that was refused
 */
export function recordRefusal(
  { audit }: App,
  { ip }: Pick<FastifyRequest, 'ip'>,
  caller: Caller | undefined,
  reason: string,
  body?: unknown,
): void {
  const { id, name, roles } = caller ?? {};
  const called = isJSONRPCRequest(body) ? (body.params as { name?: unknown } | undefined)?.name : undefined;
  audit.refuse(
    {
      ...({ transport: 'http', address: ip } as const),
      ...(id !== undefined && {
        caller: { id, ...(name !== undefined && { name }), ...(roles && { roles }) },
      }),
      ...(typeof called === 'string' && ({ kind: 'tool', action: 'call', name: called } as const)),
    },
    reason,
  );
}
