import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { INVALID_REQUEST, isInitializeRequest, type Server } from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';
import { isSameCaller } from '../policy/authentication.ts';
import { sendRefusal } from './http-answers.ts';
import { refusalOfHeaders } from './http-headers.ts';
import { idOf, serverError } from './messages.ts';
import { type SessionRequests, trackSessionRequests } from './session-requests.ts';

interface Session {
  readonly caller: Caller;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly server: Server;
  readonly requests: SessionRequests;
  lastUsed: number;
  /** Requests in progress; a session that has any is not idle. */
  active: number;
}

/** A request that is to be handled. */
interface SessionRequest {
  readonly caller: Caller;
  readonly body: unknown;
  /** Of the requests in the body. */
  readonly ids: readonly (string | number)[];
}

/**
 * Sessions of 2025-era HTTP clients: limited in number, ended when idle. A session is its caller's alone: to others, and
 * to the same caller with other rights, it does not exist.
 */
export interface Sessions {
  handle(request: IncomingMessage, response: ServerResponse, incoming: SessionRequest): Promise<void>;
  readonly size: number;
  close(): Promise<void>;
}

const unknownSession = -32_001;

/**
 * @param connect creates the server for a session
 * @param maxSessions at this number, the session that has been idle longest is ended to make room
 */
export function createSessions(
  connect: (caller: Caller) => Server,
  maxSessions: number,
  idleMs: number,
): Sessions {
  const sessions = new Map<string, Session>();

  async function end(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.requests.end();
    await session?.server.close();
  }

  const expiry = setInterval(
    () => {
      const before = Date.now() - idleMs;
      for (const [id, { lastUsed, active }] of sessions) {
        // Nobody awaits this.
        if (active === 0 && lastUsed < before) end(id).catch(() => {});
      }
    },
    Math.min(idleMs, 30_000),
  ).unref();

  /** Ends the session idle longest when there is no room. False when every session is busy. */
  async function makeRoom(): Promise<boolean> {
    if (sessions.size < maxSessions) return true;
    const idle = [...sessions].filter(([, { active }]) => active === 0);
    const oldest = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed)[0];
    if (!oldest) return false;
    await end(oldest[0]);
    return true;
  }

  async function open(caller: Caller): Promise<Session> {
    const server = connect(caller);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, session),
      onsessionclosed: () => session.requests.end(),
    });
    const requests = trackSessionRequests(transport);
    const session: Session = { caller, transport, server, requests, lastUsed: Date.now(), active: 0 };
    await server.connect(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      if (transport.sessionId) sessions.delete(transport.sessionId);
      onclose?.();
    };
    return session;
  }

  async function serve(
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
    { body, ids }: SessionRequest,
  ): Promise<void> {
    const duplicate = session.requests.begin(ids);
    if (duplicate !== undefined) {
      const message = `Request id ${JSON.stringify(duplicate)} is already in use in this session: give each its own.`;
      return sendRefusal(response, { status: 400, code: INVALID_REQUEST, message, id: idOf(body) });
    }
    session.lastUsed = Date.now();
    // The standing event stream of a GET stays open as long as the client: it does not count as activity.
    const isWork = request.method !== 'GET';
    if (isWork) {
      session.active++;
      response.once('close', () => {
        session.active--;
        session.lastUsed = Date.now();
      });
    }
    await session.transport.handleRequest(request, response, body);
    session.requests.onIncoming(body);
    // Refused by the transport, so nothing is in progress.
    if (response.statusCode !== 200) session.requests.forget(ids);
  }

  return {
    get size() {
      return sessions.size;
    },
    async handle(request, response, incoming) {
      const { caller, body } = incoming;
      const refuse = (status: number, code: number, message: string): void =>
        sendRefusal(response, { status, code, message, id: idOf(body) });
      const refusal = refusalOfHeaders(request);
      if (refusal) return refuse(refusal.status, serverError, refusal.message);
      const id = request.headers['mcp-session-id'];
      const isInitialize = isInitializeRequest(body);
      if (typeof id === 'string') {
        const session = sessions.get(id);
        if (!session || !isSameCaller(session.caller, caller))
          return refuse(404, unknownSession, 'Session not found: it ended. Initialize again.');
        if (isInitialize) {
          const message =
            'This session is already initialized. To start another, send initialize without Mcp-Session-Id.';
          return refuse(400, INVALID_REQUEST, message);
        }
        return serve(session, request, response, incoming);
      }
      if (!isInitialize) return refuse(400, serverError, 'Mcp-Session-Id is missing: begin with initialize.');
      if (!(await makeRoom())) return refuse(503, serverError, 'Every session is busy. Try again later.');
      return serve(await open(caller), request, response, incoming);
    },
    async close() {
      clearInterval(expiry);
      await Promise.all([...sessions.keys()].map(end));
    },
  };
}
