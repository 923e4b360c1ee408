import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  INVALID_REQUEST,
  isInitializeRequest,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';
import { isSameCaller } from '../policy/authentication.ts';
import { sendRefusal } from './http-answers.ts';
import { refusalOfHeaders } from './http-headers.ts';
import { idOf, serverError } from './messages.ts';
import type { SessionIds, SessionTerms } from './session-ids.ts';
import { type SessionRequests, trackSessionRequests } from './session-requests.ts';
import { answerThrough } from './web-requests.ts';

interface Session {
  readonly caller: Caller;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: Server;
  readonly requests: SessionRequests;
  lastUsed: number;
  /** Requests in progress; a session that has any is not idle. */
  active: number;
  /** Whether it is to be told that all lists may have changed: they were made before it was put away. */
  isStale: boolean;
  /** Streams on which its client listens for notices; a session that has one is not idle either. */
  streams: number;
}

/** A request that is to be handled. */
interface SessionRequest {
  readonly caller: Caller;
  readonly body: unknown;
  /** Of the requests in the body. */
  readonly ids: readonly (string | number)[];
}

/**
 * Sessions of 2025-era HTTP clients: limited in number, put away when idle. One that was put away, also by the end of the
 * process, is continued when its client comes back; one that its client has ended is not. A session is its caller's
 * alone: to others, and to the same caller with other rights, it does not exist.
 */
export interface Sessions {
  handle(request: IncomingMessage, response: ServerResponse, incoming: SessionRequest): Promise<void>;
  readonly size: number;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Creates the server for a session. */
  readonly connect: (caller: Caller) => Server;
  readonly ids: SessionIds;
  /** At this number, the session that has been idle longest is put away to make room. */
  readonly maxSessions: number;
  readonly idleMs: number;
}

/** Every session has requests in progress. */
class Busy extends Error {}

const unknownSession = -32_001;

/** The handshake of a session that is continued, as its client made it. */
function handshake({ protocolVersion, capabilities }: SessionTerms) {
  const clientInfo = { name: 'continued', version: '0' };
  const params = { protocolVersion, capabilities, clientInfo };
  return { jsonrpc: '2.0', id: 'continued', method: 'initialize', params };
}

const handshakeHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

export function createSessions({ connect, ids, maxSessions, idleMs }: SessionOptions): Sessions {
  const sessions = new Map<string, Session>();
  /** Sessions that are being continued: of several requests at once, one does it. */
  const continuing = new Map<string, Promise<Session | undefined>>();

  async function putAway(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.requests.end();
    await session?.server.close();
  }

  const expiry = setInterval(
    () => {
      const before = Date.now() - idleMs;
      for (const [id, { lastUsed, active, streams }] of sessions) {
        // Nobody awaits this.
        if (active + streams === 0 && lastUsed < before) putAway(id).catch(() => {});
      }
    },
    Math.min(idleMs, 30_000),
  ).unref();

  /**
   * Puts the session idle longest away when there is no room, those that only listen last: a standing stream must not keep
   * others out, and its client comes back.
   * @throws Busy
   */
  async function makeRoom(): Promise<void> {
    if (sessions.size < maxSessions) return;
    const [oldest] = [...sessions]
      .filter(([, { active }]) => active === 0)
      .sort(([, a], [, b]) => a.streams - b.streams || a.lastUsed - b.lastUsed);
    if (!oldest) throw new Busy();
    await putAway(oldest[0]);
  }

  async function open(caller: Caller, id: string): Promise<Session> {
    const server = connect(caller);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessioninitialized: () => void sessions.set(id, session),
      async onsessionclosed() {
        ids.revoke(id);
        await session.requests.end();
      },
    });
    const requests = trackSessionRequests(transport);
    const session: Session = {
      ...{ caller, transport, server, requests },
      ...{ lastUsed: Date.now(), active: 0, streams: 0, isStale: false },
    };
    await server.connect(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      if (sessions.get(id) === session) sessions.delete(id);
      onclose?.();
    };
    return session;
  }

  /** Continues a session by what its id says. @throws Busy */
  async function continued(id: string, caller: Caller): Promise<Session | undefined> {
    const terms = await ids.termsOf(id, caller);
    if (!terms) return undefined;
    await makeRoom();
    const session = await open(caller, id);
    const request = new Request('http://localhost/mcp', { method: 'POST', headers: handshakeHeaders });
    const answer = await session.transport.handleRequest(request, { parsedBody: handshake(terms) });
    await answer.text();
    session.isStale = true;
    return session;
  }

  async function find(id: string, caller: Caller): Promise<Session | undefined> {
    const known = sessions.get(id) ?? (await continuing.get(id));
    if (known) return isSameCaller(known.caller, caller) ? known : undefined;
    const making = continued(id, caller);
    continuing.set(id, making);
    try {
      return await making;
    } finally {
      if (continuing.get(id) === making) continuing.delete(id);
    }
  }

  /** What the end of a response means to its session. */
  function onEnd(
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
    ids: SessionRequest['ids'],
  ) {
    if (request.method === 'GET') {
      session.streams++;
      response.once('close', () => {
        session.streams--;
        session.lastUsed = Date.now();
        // The end of a second stream, which was refused, must not end the first.
        if (response.statusCode === 200) session.transport.closeStandaloneSSEStream();
      });
      return;
    }
    session.active++;
    response.once('close', () => {
      session.active--;
      session.lastUsed = Date.now();
      const [first] = ids;
      // The client has left; its call goes on, but has nowhere to write to.
      if (!response.writableFinished && first !== undefined) session.transport.closeSSEStream(first);
    });
  }

  /** Other settings may offer other tools since. */
  async function tellStale(session: Session): Promise<void> {
    if (!session.isStale) return;
    session.isStale = false;
    const { server } = session;
    const { tools, prompts, resources } = server.getCapabilities();
    if (tools?.listChanged) await server.sendToolListChanged();
    if (prompts?.listChanged) await server.sendPromptListChanged();
    if (resources?.listChanged) await server.sendResourceListChanged();
  }

  async function serve(
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
    { body, ids: requestIds }: SessionRequest,
  ): Promise<void> {
    const duplicate = session.requests.begin(requestIds);
    if (duplicate !== undefined) {
      const message = `Request id ${JSON.stringify(duplicate)} is already in use in this session: give each its own.`;
      return sendRefusal(response, { status: 400, code: INVALID_REQUEST, message, id: idOf(body) });
    }
    session.lastUsed = Date.now();
    onEnd(session, request, response, requestIds);
    await answerThrough(request, response, async (web) => {
      const given = body === undefined ? {} : { parsedBody: body };
      const answer = await session.transport.handleRequest(web, given);
      if (request.method === 'GET' && answer.ok) await tellStale(session);
      return answer;
    });
    session.requests.onIncoming(body);
    // Refused by the transport, so nothing is in progress.
    if (response.statusCode !== 200) session.requests.forget(requestIds);
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
      const sessionId = request.headers['mcp-session-id'];
      try {
        if (typeof sessionId === 'string') {
          const session = await find(sessionId, caller);
          if (!session) return refuse(404, unknownSession, 'Session not found: it ended. Initialize again.');
          if (isInitializeRequest(body)) {
            const message =
              'This session is already initialized. To start another, send initialize without Mcp-Session-Id.';
            return refuse(400, INVALID_REQUEST, message);
          }
          return await serve(session, request, response, incoming);
        }
        if (!isInitializeRequest(body))
          return refuse(400, serverError, 'Mcp-Session-Id is missing: begin with initialize.');
        await makeRoom();
        const session = await open(caller, await ids.issue(body.params, caller));
        return await serve(session, request, response, incoming);
      } catch (error) {
        if (!(error instanceof Busy)) throw error;
        refuse(503, serverError, 'Every session is busy. Try again later.');
      }
    },
    async close() {
      clearInterval(expiry);
      await Promise.all([...sessions.keys()].map(putAway));
    },
  };
}
