import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthInfo, createMcpHandler, isLegacyRequest, type Server } from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';
import { answerThrough } from './web-requests.ts';

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

/** Requests of the protocol of 2026: each gets a server of its own. */
export interface ModernRequests {
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller, body: unknown): Promise<void>;
  close(): Promise<void>;
}

/** @param connect creates the server for a request */
export function createModernRequests(
  connect: (caller: Caller) => Server,
  maxBodyBytes: number,
  onError: (error: Error) => void,
): ModernRequests {
  /** By what the SDK passes on to its factory untouched. */
  const callers = new WeakMap<AuthInfo, Caller>();
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const caller = authInfo && callers.get(authInfo);
      if (!caller) throw new Error('a request without a caller');
      return connect(caller);
    },
    { legacy: 'reject', maxRequestBodySize: maxBodyBytes, onerror: onError },
  );
  return {
    async handle(request, response, caller, body) {
      const authInfo: AuthInfo = { token: '', clientId: caller.id, scopes: [...caller.scopes] };
      callers.set(authInfo, caller);
      await answerThrough(request, response, (web) =>
        handler.fetch(web, { authInfo, ...(body !== undefined && { parsedBody: body }) }),
      );
    },
    close: () => handler.close(),
  };
}
